import { createHash } from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import { type Refusal, refuse } from "../reason.ts";
import type { AdapterOptions, Attest } from "./adapter.ts";
import { decodeHex } from "./bytes.ts";
import { createSharedKeys, withoutMatch, withoutSecrets } from "./shared-keys.ts";
import { readSignedObject } from "./signed-object.ts";

const maxItems = 100;
/** The members that are signed, in their order; one that is missing is empty. */
const signedPaths = [
  ["pspReference"],
  ["originalReference"],
  ["merchantAccountCode"],
  ["merchantReference"],
  ["amount", "value"],
  ["amount", "currency"],
  ["eventCode"],
  ["success"],
] as const;
const referenceAt = 3;

/**
 * Adyen's batches of payment notifications: each item holds its own HMAC over eight of its members, and every item has
 * to be right. The other members of an item are not covered, so nothing may be there twice. Secrets: the HMAC keys in hex.
 * https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
 */
export function createAdyenAttest({ name, secrets }: AdapterOptions): Attest {
  const keys = createSharedKeys(secrets, {
    digest: "sha256",
    expected: `an HMAC key of ${name} in hex`,
    decode: decodeHex,
  });
  return ({ body }) => {
    if (keys.isEmpty) return withoutSecrets;
    const items = readItems(body);
    if ("ok" in items) return items;
    const found = items.map(({ message, signature }) => keys.find([message], [signature]));
    if (found.includes(-1)) return withoutMatch;
    // Of what is signed only, so that the same notifications in other clothes have the same id.
    const id = createHash("sha256")
      .update(items.map(({ message }) => message).join("\n"))
      .digest("hex");
    return { ok: true, keyIndex: found[0] ?? 0, covered: "signature", timestamp: undefined, id };
  };
}

interface Item {
  readonly message: string;
  readonly signature: Uint8Array;
}

const malformed = refuse(
  "malformed_header",
  "Expected notificationItems of Adyen, each with additionalData.hmacSignature, no member twice.",
);

function readItems(body: Uint8Array): readonly Item[] | Refusal {
  const list = readSignedObject(body)?.["notificationItems"];
  if (!Array.isArray(list) || list.length === 0 || list.length > maxItems) return malformed;
  const items = list.map((entry: unknown) => readItem(memberOf(entry, ["NotificationRequestItem"])));
  return items.every((item) => item !== undefined) ? items : malformed;
}

function readItem(item: unknown): Item | undefined {
  const text = memberOf(item, ["additionalData", "hmacSignature"]);
  const signature = typeof text === "string" && text.length === 44 ? decodeBase64(text) : undefined;
  const values = signedPaths.map((path) => scalarText(memberOf(item, path)));
  if (signature === undefined || values.includes(undefined)) return undefined;
  // A colon in a value would let the values be shared out among the members in another way. The merchant's own
  // reference may have one: what stands before and behind it has none, so it is still the one in the middle.
  const isAmbiguous = values.some((value, index) => index !== referenceAt && value?.includes(":") === true);
  return isAmbiguous ? undefined : { message: values.join(":"), signature };
}

function memberOf(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || Array.isArray(found) || !Object.hasOwn(found, name)) {
      return undefined;
    }
    // An object of JSON: any own member may be asked for.
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

/** What is signed of a member: nothing of one that is missing; `undefined` for an object or a number that is not exact. */
function scalarText(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  return typeof value === "boolean" || Number.isSafeInteger(value) ? String(value) : undefined;
}
