import { type Refusal, refuse } from "./reason.ts";
import { type SchemeId, schemes } from "./scheme.ts";
import { maxSignatures } from "./sign.ts";

const maxHeaderLength = 4096;

/** The well-formed signatures of a request, by scheme, as base64. */
export type SignatureList = Readonly<Partial<Record<SchemeId, readonly string[]>>>;

/**
 * Parses `v1,BASE64 v1a,BASE64 …`, separated by one space each. Schemes that are not ours are skipped, as the
 * specification wants; a signature of ours that is not canonical base64 of its length refuses the request.
 */
export function parseSignatureList(header: string, name: string): SignatureList | Refusal {
  if (header.length > maxHeaderLength) {
    return refuse("malformed_header", `Expected at most ${maxHeaderLength} characters in ${name}.`);
  }
  const entries = header.split(" ");
  if (entries.length > maxSignatures) {
    return refuse("malformed_header", `Expected at most ${maxSignatures} signatures in ${name}.`);
  }
  const list: Partial<Record<SchemeId, string[]>> = {};
  for (const entry of entries) {
    const comma = entry.indexOf(",");
    if (comma < 1) return refuse("malformed_header", `Expected ${name} in the form "v1,BASE64 v1,BASE64".`);
    const id = entry.slice(0, comma);
    if (!isSchemeId(id)) continue;
    const signature = entry.slice(comma + 1);
    if (!schemes[id].signature.test(signature)) {
      return refuse(
        "malformed_header",
        `Expected canonical base64 of full length behind "${id}," in ${name}.`,
      );
    }
    (list[id] ??= []).push(signature);
  }
  return list;
}

function isSchemeId(id: string): id is SchemeId {
  return id === "v1" || id === "v1a";
}
