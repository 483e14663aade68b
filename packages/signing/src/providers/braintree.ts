import { createHash } from "node:crypto";
import { type Refusal, refuse } from "../reason.ts";
import { type AdapterOptions, type Attest, neededSetting } from "./adapter.ts";
import { formValues, parseForm } from "./form.ts";
import { createSharedKeys, withoutMatch, withoutSecrets } from "./shared-keys.ts";

const maxPairs = 10;
const payloadForm = /^[A-Za-z0-9+/=\n]+$/;
/** What Braintree's challenge looks like: the endpoint answers it with this very HMAC, so it is never a payload. */
const challengeForm = /^[a-f0-9]{20,32}\n?$/;
const hexSignature = /^[0-9a-f]{40}$/;

/**
 * Braintree's notifications: a form with XML in base64 and, for each of the merchant's keys, a public key and an
 * HMAC-SHA1 of it. Secrets: the private keys; the setting `publicKey` says which pairs count.
 * https://developer.paypal.com/braintree/docs/guides/webhooks/parse
 */
export function createBraintreeAttest(options: AdapterOptions): Attest {
  const publicKey = neededSetting(options, "publicKey");
  const keys = createSharedKeys(options.secrets, {
    digest: "sha1",
    expected: `a private key of ${options.name}`,
    decode: (secret) => (secret === "" ? undefined : createHash("sha1").update(secret).digest()),
  });
  return ({ body }) => {
    if (keys.isEmpty) return withoutSecrets;
    const notification = readNotification(body, publicKey);
    if ("ok" in notification) return notification;
    const { payload, signatures } = notification;
    // Braintree's own library takes the payload with a line break that a form has lost.
    const keyIndex = keys.find([payload, `${payload}\n`], signatures);
    if (keyIndex < 0) return withoutMatch;
    const id = createHash("sha256").update(payload.trimEnd()).digest("hex");
    const type = kindOf(payload);
    return { ok: true, keyIndex, covered: "signature", timestamp: undefined, id, ...(type && { type }) };
  };
}

interface Notification {
  readonly payload: string;
  readonly signatures: readonly Uint8Array[];
}

const malformed = refuse("malformed_header", "Expected a form with bt_payload and bt_signature, once each.");

function readNotification(body: Uint8Array, publicKey: string): Notification | Refusal {
  const fields = parseForm(body);
  const [payload = "", ...otherPayloads] = fields ? formValues(fields, "bt_payload") : [];
  const [signature = "", ...otherSignatures] = fields ? formValues(fields, "bt_signature") : [];
  const pairs = signature.split("&");
  const isWellFormed = payloadForm.test(payload) && !challengeForm.test(payload) && pairs.length <= maxPairs;
  if (!isWellFormed || otherPayloads.length > 0 || otherSignatures.length > 0) return malformed;
  const own = pairs.map((pair) => pair.split("|")).filter(([key]) => key === publicKey);
  if (own.length === 0) return refuse("unknown_scheme", "Expected a signature of the configured public key.");
  if (!own.every(({ length, 1: hex = "" }) => length === 2 && hexSignature.test(hex))) return malformed;
  return { payload, signatures: own.map(([, hex = ""]) => Buffer.from(hex, "hex")) };
}

/** What happened: an element of the XML that Braintree writes, which has no attributes. */
function kindOf(payload: string): string | undefined {
  return /<kind>([a-z_]{1,64})<\/kind>/.exec(Buffer.from(payload, "base64").toString("latin1"))?.[1];
}
