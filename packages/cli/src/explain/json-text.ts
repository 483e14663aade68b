/** A JSON value whose scalars are kept as they were written. */
export type JsonNode =
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "string"; readonly value: string; readonly text: string }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | {
      readonly kind: "object";
      readonly members: readonly (readonly [JsonNode & { kind: "string" }, JsonNode])[];
    };

/** How JSON is written. */
export interface JsonStyle {
  /** `,` and `:` with what follows them; `indent` breaks lines. */
  readonly spacing: "compact" | "spaced" | "2" | "4" | "tab";
  readonly sorted: boolean;
  /** `kept` as they were; `ascii` escapes what is not ASCII, `raw` nothing that need not be; `slashes` and `html` as PHP and Go do. */
  readonly escapes: "kept" | "raw" | "ascii" | "slashes" | "ascii-slashes" | "html";
}

const token = /[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/g;
const maxDepth = 200;

/** Reads JSON and keeps how its numbers and texts were written; `undefined` for what is no JSON. */
export function readJsonText(text: string): JsonNode | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  // It is JSON, so its tokens can be taken as they come.
  const tokens = (text.match(token) ?? []).values();
  const read = (first: string, depth: number): JsonNode => {
    if (depth > maxDepth) throw new RangeError("too deep");
    if (first === "[") return readArray(depth);
    if (first === "{") return readObject(depth);
    return first.startsWith('"') ? stringOf(first) : { kind: "scalar", text: first };
  };
  const next = () => tokens.next().value ?? "";
  const readArray = (depth: number): JsonNode => {
    const items: JsonNode[] = [];
    for (let one = next(); one !== "]"; one = next()) if (one !== ",") items.push(read(one, depth + 1));
    return { kind: "array", items };
  };
  const readObject = (depth: number): JsonNode => {
    const members: (readonly [JsonNode & { kind: "string" }, JsonNode])[] = [];
    for (let one = next(); one !== "}"; one = next()) {
      if (one === ",") continue;
      next();
      members.push([stringOf(one), read(next(), depth + 1)]);
    }
    return { kind: "object", members };
  };
  try {
    return read(next(), 0);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function stringOf(text: string): JsonNode & { kind: "string" } {
  return { kind: "string", value: String(JSON.parse(text)), text };
}

/** Writes it in a style. */
export function writeJsonText(node: JsonNode, style: JsonStyle): string {
  return write(node, style, "\n");
}

const separators = {
  compact: { comma: ",", colon: ":", indent: "" },
  spaced: { comma: ", ", colon: ": ", indent: "" },
  "2": { comma: ",", colon: ": ", indent: "  " },
  "4": { comma: ",", colon: ": ", indent: "    " },
  tab: { comma: ",", colon: ": ", indent: "\t" },
} as const;

function write(node: JsonNode, style: JsonStyle, line: string): string {
  const { comma, colon, indent } = separators[style.spacing];
  const inner = line + indent;
  const wrap = (open: string, parts: readonly string[], close: string) => {
    if (parts.length === 0) return open + close;
    return indent === ""
      ? open + parts.join(comma) + close
      : open + inner + parts.join(comma + inner) + line + close;
  };
  switch (node.kind) {
    case "scalar":
      return node.text;
    case "string":
      return writeString(node, style.escapes);
    case "array":
      return wrap(
        "[",
        node.items.map((one) => write(one, style, inner)),
        "]",
      );
    case "object": {
      const members = style.sorted
        ? node.members.toSorted(([a], [b]) => (a.value < b.value ? -1 : 1))
        : node.members;
      const parts = members.map(
        ([name, one]) => writeString(name, style.escapes) + colon + write(one, style, inner),
      );
      return wrap("{", parts, "}");
    }
  }
}

function writeString(
  { value, text }: { value: string; text: string },
  escapes: JsonStyle["escapes"],
): string {
  const raw = JSON.stringify(value);
  switch (escapes) {
    case "kept":
      return text;
    case "raw":
      return raw;
    case "ascii":
      return toAscii(raw);
    case "slashes":
      return raw.replaceAll("/", "\\/");
    case "ascii-slashes":
      return toAscii(raw).replaceAll("/", "\\/");
    case "html":
      return raw.replace(/[<>&\u2028\u2029]/g, escapeUnit);
  }
}

function toAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
