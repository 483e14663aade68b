import { posix } from "node:path";
import { isObject, objectAt, type Json } from "./json.ts";
import type { Documents } from "./normalise/bundle.ts";
import type { Problem } from "./problem.ts";
import type { Example, InvalidExample } from "./project.ts";

/** Reads `examples/*.json`: each the `data` alone. Files that are no JSON have been reported already. */
export function readExamples(files: readonly string[], documents: Documents): readonly Example[] {
  return files
    .filter((file) => documents.has(file))
    .map((file) => ({ name: nameOf(file), file, data: documents.get(file) ?? null }));
}

/** Reads `invalid/*.json`: `{ why, data, expect: { pointer, keyword } }`. */
export function readInvalid(
  files: readonly string[],
  documents: Documents,
): { readonly invalid: readonly InvalidExample[]; readonly problems: readonly Problem[] } {
  const known = files.filter((file) => documents.has(file));
  const wellFormed = known.filter((file) => isInvalidExample(documents.get(file) ?? null));
  return {
    invalid: wellFormed.map((file) => toInvalid(file, documents)),
    problems: known
      .filter((file) => !wellFormed.includes(file))
      .map((file) => ({
        code: "invalid_fixture",
        file,
        pointer: "",
        message: 'Must be { "why", "data", "expect": { "pointer", "keyword" } }.',
      })),
  };
}

function toInvalid(file: string, documents: Documents): InvalidExample {
  // `isInvalidExample` has seen the shape.
  const content = documents.get(file) as unknown as Pick<InvalidExample, "why" | "data" | "expect">;
  return { name: nameOf(file), file, why: content.why, data: content.data, expect: content.expect };
}

function isInvalidExample(content: Json): boolean {
  if (!isObject(content) || Object.keys(content).toSorted().join() !== "data,expect,why") return false;
  const expect = objectAt(content, "expect");
  const isExpectation = typeof expect["pointer"] === "string" && typeof expect["keyword"] === "string";
  return typeof content["why"] === "string" && isExpectation;
}

function nameOf(file: string): string {
  return posix.basename(file, ".json");
}
