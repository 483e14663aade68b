import { createAlphabet } from "./alphabet.ts";
import { type Refusal, refuse } from "./reason.ts";
import { type SchemeId, schemes } from "./scheme.ts";

/** No request has more signatures than this. */
export const maxSignatures = 10;
const maxHeaderLength = 4096;

/** The well-formed signatures of a request as base64, by scheme. */
export interface SignatureList extends Readonly<Record<SchemeId, readonly string[]>> {
  readonly ok: true;
}

/** What the entry of a scheme that we do not know is made of: no comma, and not nothing, as in headers that were joined. */
const unknownCharacters = createAlphabet("A-Za-z0-9_.:/=+~-");

/**
 * Parses `v1,BASE64 v1a,BASE64 …`, separated by one space each. Entries of schemes that are not ours are skipped, so
 * that senders can add new ones. An entry that is none, or says a scheme of ours and cannot be its signature, refuses
 * the whole header, whatever stands beside it: no sender makes one, but joined, cut and padded headers look so.
 */
export function parseSignatureList(header: string, name: string): SignatureList | Refusal {
  if (header.length > maxHeaderLength) {
    return refuse("malformed_header", `Expected at most ${maxHeaderLength} characters in ${name}.`);
  }
  const found: Record<SchemeId, string[]> = { v1: [], v1a: [] };
  let entries = 0;
  for (let start = 0; start <= header.length;) {
    if (++entries > maxSignatures) {
      return refuse("malformed_header", `Expected at most ${maxSignatures} signatures in ${name}.`);
    }
    const space = header.indexOf(" ", start);
    const end = space < 0 ? header.length : space;
    const comma = header.indexOf(",", start);
    if (comma <= start || comma >= end) return malformed(name);
    const id = schemeIdOf(header.slice(start, comma));
    if (id !== undefined) {
      const signature = header.slice(comma + 1, end);
      if (!schemes[id].isSignature(signature)) {
        return refuse(
          "malformed_header",
          `Expected canonical base64 of full length behind "${id}," in ${name}.`,
        );
      }
      found[id].push(signature);
    } else if (
      comma + 1 === end ||
      !unknownCharacters.spans(header, start, comma) ||
      !unknownCharacters.spans(header, comma + 1, end)
    ) {
      return malformed(name);
    }
    start = end + 1;
  }
  return { ok: true, v1: found.v1, v1a: found.v1a };
}

function malformed(name: string): Refusal {
  return refuse("malformed_header", `Expected ${name} in the form "v1,BASE64 v1,BASE64".`);
}

function schemeIdOf(text: string): SchemeId | undefined {
  return text === "v1" || text === "v1a" ? text : undefined;
}
