import { posix } from "node:path";
import { segmentsOf } from "../json.ts";
import type { Location } from "./references.ts";

const maxLength = 80;
const containers = new Set(["$defs", "definitions", "properties", "schemas", "components"]);

/**
 * Names a definition after where it stands, in letters, digits, `_` and `-`. When another has the name (`conflict`),
 * its file comes before it, and then a number after it: the same names for the same files.
 */
export function nameDefinition(
  target: Location,
  ownerOf: (name: string) => Location | undefined,
): { readonly name: string; readonly conflict?: Location } {
  const file = safeName(fileName(target.file));
  const plain = safeName(plainName(target));
  const conflict = ownerOf(plain);
  if (conflict === undefined) return { name: plain };
  const candidates = plain === file ? [] : [`${file}_${plain}`];
  for (let number = 2; ; number++) {
    const name = candidates.shift() ?? `${plain}_${number}`;
    if (ownerOf(name) === undefined) return { name, conflict };
  }
}

function plainName({ file, pointer }: Location): string {
  const segments = segmentsOf(pointer);
  const last = segments.at(-1);
  if (last === undefined) return fileName(file);
  if (containers.has(segments.at(-2) ?? "")) return last;
  return segments
    .filter((segment) => !containers.has(segment))
    .slice(-2)
    .join("_");
}

/** `common/money.schema.json` is money; `invoice.paid/schema.json` is invoice.paid. */
function fileName(file: string): string {
  const name = posix.basename(file).replace(/(?:\.schema)?\.json$/, "");
  return name === "schema" && file.includes("/") ? posix.basename(posix.dirname(file)) : name;
}

function safeName(name: string): string {
  const safe = name
    .replaceAll(/[^\w-]+/g, "_")
    .replace(/^[^A-Za-z]+/, "")
    .slice(0, maxLength);
  return safe === "" ? "definition" : safe;
}
