import { parseJson } from "./parse-json.ts";

/** Of longer ones the beginning counts: those that begin alike are kept in one order, which does no harm. */
const longest = 256;

/**
 * The text or number that stands in a JSON body at `path`, names of members with dots between (`data.object.id`).
 * `undefined` when there is none, and for what is no JSON.
 */
export function readSubject(body: Uint8Array, path: string): string | undefined {
  let value: unknown;
  try {
    value = parseJson(body);
  } catch {
    return undefined;
  }
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value).slice(0, longest) || undefined;
}
