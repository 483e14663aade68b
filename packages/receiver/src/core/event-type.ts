import { parseJson } from "./parse-json.ts";

/** The `type` member of a JSON object in UTF-8, `undefined` when there is none. Bounded by the size of the body. */
export function readEventType(body: Uint8Array): string | undefined {
  try {
    const value = parseJson(body);
    if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
    return typeof value.type === "string" && isHeaderSafe(value.type) ? value.type : undefined;
  } catch {
    return undefined;
  }
}

/** The type travels in a header; what could not is no type. */
function isHeaderSafe(type: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(type);
}
