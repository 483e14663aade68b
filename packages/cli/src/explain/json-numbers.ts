import type { JsonNode } from "./json-text.ts";

/** JSON with its numbers written in another way, and the words for it. */
export interface RewrittenNumbers {
  readonly node: JsonNode;
  readonly words: string;
}

/** What parsing loses of a number: JavaScript writes 10.0 and 10.00 as 10, and others write 10 as 10.0. */
const styles: readonly (readonly [written: string, rewrite: (number: string) => string])[] = [
  ["1.0", (number) => (/^-?\d+$/.test(number) ? `${number}.0` : number)],
  ["1", (number) => number.replace(/^(-?\d+)\.0+$/, "$1")],
  [
    "1.00",
    (number) => number.replace(/^(-?\d+)(?:\.(\d))?$/, (_, whole, digit = "0") => `${whole}.${digit}0`),
  ],
];

/** Ids and amounts are written each in their own way, but all of one name alike. More names than this are left out. */
const maxNames = 8;

/** All numbers in another style, then those of each member's name alone. */
export function* rewriteNumbers(node: JsonNode): Iterable<RewrittenNumbers> {
  const names = [...new Set(namesOfNumbers(node, ""))].slice(0, maxNames);
  for (const only of [undefined, ...(names.length > 1 ? names : [])])
    for (const [written, rewrite] of styles) {
      const words = `, with numbers${only === undefined ? "" : ` of ${JSON.stringify(only)}`} written like ${written}`;
      yield {
        node: mapNumbers(node, (text, name) => ((only ?? name) === name ? rewrite(text) : text)),
        words,
      };
    }
}

const number = /^-?\d/;

/** The name of the member that each number stands in, directly or in an array. */
function* namesOfNumbers(node: JsonNode, name: string): Iterable<string> {
  if (node.kind === "scalar" && number.test(node.text)) yield name;
  if (node.kind === "array") for (const item of node.items) yield* namesOfNumbers(item, name);
  if (node.kind === "object")
    for (const [key, value] of node.members) yield* namesOfNumbers(value, key.value);
}

function mapNumbers(node: JsonNode, change: (text: string, name: string) => string, name = ""): JsonNode {
  switch (node.kind) {
    case "scalar":
      return number.test(node.text) ? { kind: "scalar", text: change(node.text, name) } : node;
    case "string":
      return node;
    case "array":
      return { kind: "array", items: node.items.map((item) => mapNumbers(item, change, name)) };
    case "object":
      return {
        kind: "object",
        members: node.members.map(([key, value]) => [key, mapNumbers(value, change, key.value)] as const),
      };
  }
}
