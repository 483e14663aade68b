import { type Refusal, refuse } from "./reason.ts";
import { type SchemeId, schemes } from "./scheme.ts";
import { maxSignatures } from "./sign.ts";

const maxHeaderLength = 4096;

/** The well-formed signatures of a request as base64, by scheme. */
export interface SignatureList extends Readonly<Record<SchemeId, readonly string[]>> {
  readonly ok: true;
}

/**
 * Parses `v1,BASE64 v1a,BASE64 …`, separated by one space each. Schemes that are not ours are skipped, as the
 * specification wants; a signature of ours that is not canonical base64 of its length refuses the request.
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
    if (comma <= start || comma >= end) {
      return refuse("malformed_header", `Expected ${name} in the form "v1,BASE64 v1,BASE64".`);
    }
    const scheme = schemeOf(header.slice(start, comma));
    if (scheme !== undefined) {
      const signature = header.slice(comma + 1, end);
      if (!scheme.isSignature(signature)) {
        return refuse(
          "malformed_header",
          `Expected canonical base64 of full length behind "${scheme.id}," in ${name}.`,
        );
      }
      found[scheme.id].push(signature);
    }
    start = end + 1;
  }
  return { ok: true, v1: found.v1, v1a: found.v1a };
}

function schemeOf(id: string) {
  return id === "v1" || id === "v1a" ? schemes[id] : undefined;
}
