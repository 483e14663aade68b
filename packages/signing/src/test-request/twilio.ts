import { createHash, createHmac } from "node:crypto";
import { type Draft, place } from "./draft.ts";

const form = "application/x-www-form-urlencoded";

/**
 * Signs as Twilio does: the URL and the sorted fields of a form, or the URL with the hash of any other body in it. A body
 * without a `content-type` is a form unless it is JSON.
 */
export function signLikeTwilio(draft: Draft, secret: string): void {
  const type = (draft.headers["content-type"] ??= isJson(draft.body) ? "application/json" : form);
  const isForm = type.startsWith(form);
  if (!isForm) {
    const hash = createHash("sha256").update(draft.body).digest("hex");
    place(draft, { from: "query", name: "bodySHA256" }, hash);
  }
  const message = draft.url + (isForm ? fieldsOf(draft.body) : "");
  draft.headers["x-twilio-signature"] = createHmac("sha1", secret).update(message).digest("base64");
}

/** Each name with each of its values, once. */
function fieldsOf(body: Buffer): string {
  const fields = new URLSearchParams(body.toString());
  return [...new Set(fields.keys())]
    .toSorted()
    .flatMap((name) => [...new Set(fields.getAll(name))].toSorted().map((value) => name + value))
    .join("");
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
