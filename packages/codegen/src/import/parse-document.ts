import { YAMLError, parseDocument as parseYaml } from "yaml";
import type { Json } from "../json.ts";
import { refusal } from "../problem.ts";
import { readJson, roundedKeywords } from "../read-json.ts";

const maxBytes = 20_000_000;
const maxDepth = 100;

/**
 * Reads JSON or YAML, by the ending of the file's name, into plain JSON values. Throws `ContractsError` when it is
 * neither, too large or too deep, or when it unfolds without end.
 */
export function parseDocument(text: string, file: string): Json {
  if (text.length > maxBytes)
    throw refusal({ code: "file_too_large", file, message: `The file is larger than ${maxBytes} bytes.` });
  return /\.ya?ml$/i.test(file) ? fromYaml(text, file) : fromJson(text, file);
}

function fromJson(text: string, file: string): Json {
  const read = readJson(file, text, { rounded: roundedKeywords });
  if (!read.ok) throw refusal(read.problem);
  return read.value;
}

function fromYaml(text: string, file: string): Json {
  let value: Json;
  try {
    const document = parseYaml(text);
    const [error] = document.errors;
    if (error !== undefined) throw error;
    // Aliases are followed a hundred times: a small file must not unfold into a large one.
    value = document.toJS({ maxAliasCount: 100 }) as Json;
  } catch (error) {
    const [line] = error instanceof Error ? error.message.split("\n") : [];
    const message = error instanceof YAMLError ? `The file is not YAML: ${line}` : `${line}.`;
    throw refusal({ code: "invalid_yaml", file, message });
  }
  if (isDeeperThan(maxDepth, value))
    throw refusal({ code: "too_deep", file, message: `Nested deeper than ${maxDepth} levels.` });
  return value;
}

/** Breadth first, to spare the stack; an alias may even lead back to what it stands in. */
function isDeeperThan(limit: number, value: Json): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
}
