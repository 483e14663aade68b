import { createHeaderReader, type RequestHeaders } from "./headers.ts";
import { parseSigningKey, parseVerifyingKey, type SigningKey, type VerifyingKey } from "./key.ts";
import type { Reason } from "./reason.ts";
import { type SignatureHeaderNames, standardNames } from "./request.ts";
import { sign, type SignatureHeaders } from "./sign.ts";
import { createVerify } from "./verify.ts";

/** What `new Webhook` takes. */
export interface WebhookOptions {
  /** `raw`: the secret is the key itself, as bytes or as a string of one character a byte. */
  readonly format?: "raw" | undefined;
}

/** What `verify` takes. */
export interface VerifyOptions {
  /** Whether the body is parsed as JSON and given back; default true. */
  readonly jsonParse?: boolean | undefined;
}

/** The headers of a request, under the names of Standard Webhooks. */
export type WebhookUnbrandedRequiredHeaders = SignatureHeaders;

/** The headers of a request, under the names of Svix. */
export type WebhookRequiredHeaders = {
  readonly "svix-id": string;
  readonly "svix-timestamp": string;
  readonly "svix-signature": string;
};

/** Whatever has the headers of a request. */
export type WebhookHeaders = RequestHeaders | WebhookUnbrandedRequiredHeaders | WebhookRequiredHeaders;

/** A request was refused; `reason` says why, and the message how to help it. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
  readonly reason: Reason | undefined;

  constructor(message: string, reason?: Reason) {
    super(message);
    this.reason = reason;
  }
}

/**
 * The class of the `standardwebhooks` package, version 1, over this package's `sign` and `verify`: change the import and
 * nothing else. Where a request has no `webhook-` headers it reads Svix' names, as `svix` does. It is as strict as
 * `sign` and `verify`: keys of 24 to 64 bytes, ids without dots, canonical signatures.
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
    headers: WebhookHeaders,
    { jsonParse = true }: VerifyOptions = {},
  ): unknown {
    const body = this.verified(payload, headers, [standard, svix]);
    return jsonParse && body.length > 0 ? JSON.parse(Buffer.from(body).toString()) : undefined;
  }

  /** Gives the value of `webhook-signature`. @throws what `sign` throws. */
  sign(id: string, timestamp: Date, payload: string | Uint8Array): string {
    return sign({ id, timestamp, body: payload, keys: [this.#signing] })["webhook-signature"];
  }

  /** The bytes that were signed. Headers of the first family that the request has any of; families are not mixed. */
  protected verified(
    payload: string | Uint8Array,
    headers: WebhookHeaders,
    families: readonly [Family, Family],
  ): Uint8Array {
    const body = typeof payload === "string" ? Buffer.from(payload) : payload;
    const family = families.find(({ isIn }) => isIn(headers)) ?? families[0];
    const result = family.verify({ headers, body, keys: [this.#verifying] });
    if (!result.ok) throw new WebhookVerificationError(result.hint, result.reason);
    return body;
  }
}

/**
 * The class of the `svix` package, version 2: `import { SvixWebhook as Webhook } from "@hooks/signing/compat"`. It reads
 * Svix' header names before those of Standard Webhooks, and gives nothing back.
 */
export class SvixWebhook extends Webhook {
  /**
   * Gives nothing, and does not parse the body.
   *
   * @throws WebhookVerificationError when the request is refused.
   */
  override verify(payload: string | Uint8Array, headers: WebhookHeaders): undefined {
    this.verified(payload, headers, [svix, standard]);
  }
}

interface Family {
  readonly isIn: (headers: WebhookHeaders) => boolean;
  readonly verify: ReturnType<typeof createVerify>;
}

function createFamily(names: SignatureHeaderNames): Family {
  const reader = createHeaderReader(Object.values(names));
  return {
    isIn: (headers) => reader.read(headers).some((value) => value !== undefined),
    verify: createVerify(names),
  };
}

const standard = createFamily(standardNames);
const svix = createFamily({ id: "svix-id", timestamp: "svix-timestamp", signature: "svix-signature" });

const prefix = "whsec_";

function secretText(secret: string | Uint8Array, format: WebhookOptions["format"]): string {
  if (format === "raw" || typeof secret !== "string") {
    const key = typeof secret === "string" ? Buffer.from(secret, "latin1") : Buffer.from(secret ?? []);
    return prefix + key.toString("base64");
  }
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  // The originals take base64 without its padding too.
  return prefix + text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}
