import type { RequestHeaders } from "./headers.ts";
import { parseSigningKey, parseVerifyingKey, type SigningKey, type VerifyingKey } from "./key.ts";
import type { Reason } from "./reason.ts";
import { sign, type SignatureHeaders } from "./sign.ts";
import { verify } from "./verify.ts";

/** What `new Webhook` takes. */
export interface WebhookOptions {
  /** `raw`: the secret is the key itself, as bytes or as a string of one character a byte. */
  readonly format?: "raw" | undefined;
}

/** A request was refused; `reason` says why, and the message how to help it. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
  readonly reason: Reason;

  constructor(message: string, reason: Reason) {
    super(message);
    this.reason = reason;
  }
}

/**
 * The class of the `standardwebhooks` package, version 1, over this package's `sign` and `verify`: change the import and
 * nothing else. It is as strict as they are: keys of 24 to 64 bytes, ids without dots, canonical signatures.
 * New code is better off with `verify`, which does not throw.
 */
export class Webhook {
  readonly #signing: SigningKey;
  readonly #verifying: VerifyingKey;

  /** @throws KeyError for a secret that is none. The prefix `whsec_` may be left out, as in the original. */
  constructor(secret: string | Uint8Array, { format }: WebhookOptions = {}) {
    const text = secretText(secret, format);
    this.#signing = parseSigningKey(text);
    this.#verifying = parseVerifyingKey(text);
  }

  /**
   * Gives the body parsed as JSON, or `undefined` when it is empty or `jsonParse` is false. Pass the raw bytes: a string
   * is verified as its UTF-8, and bytes that are not UTF-8 were lost when it was made.
   *
   * @throws WebhookVerificationError when the request is refused, SyntaxError when a genuine body is no JSON.
   */
  verify(
    payload: string | Uint8Array,
    headers: RequestHeaders | SignatureHeaders,
    { jsonParse = true }: { readonly jsonParse?: boolean | undefined } = {},
  ): unknown {
    const body = typeof payload === "string" ? Buffer.from(payload) : payload;
    const result = verify({ headers, body, keys: [this.#verifying] });
    if (!result.ok) throw new WebhookVerificationError(result.hint, result.reason);
    return jsonParse && body.length > 0 ? JSON.parse(Buffer.from(body).toString()) : undefined;
  }

  /** Gives the value of `webhook-signature`. @throws what `sign` throws. */
  sign(id: string, timestamp: Date, payload: string | Uint8Array): string {
    return sign({ id, timestamp, body: payload, keys: [this.#signing] })["webhook-signature"];
  }
}

const prefix = "whsec_";

function secretText(secret: string | Uint8Array, format: WebhookOptions["format"]): string {
  if (format === "raw" || typeof secret !== "string") {
    const key = typeof secret === "string" ? Buffer.from(secret, "latin1") : Buffer.from(secret);
    return prefix + key.toString("base64");
  }
  return secret.startsWith(prefix) ? secret : prefix + secret;
}
