import { createHash, timingSafeEqual } from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import { createHeaderReader } from "../headers.ts";
import { refuse } from "../reason.ts";
import type { AdapterOptions, Attest } from "./adapter.ts";
import { utf8Bytes } from "./bytes.ts";
import { parseForm, sortedUniqueForm } from "./form.ts";
import { defaultPorts, parseRequestUrl, queryValues, type RequestUrl } from "./request-url.ts";
import { createSharedKeys, withoutMatch, withoutSecrets } from "./shared-keys.ts";

const formType = "application/x-www-form-urlencoded";

/**
 * Twilio's requests: an HMAC-SHA1 over the URL as it was configured at Twilio and, of a form, the sorted fields. Any other
 * body is covered by its SHA-256 in the signed query. Secrets: the auth tokens. The setting `notificationUrl` stands in
 * for the request's URL behind a proxy that changes it. Twilio signs with or without the port; both count.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function createTwilioAttest({ name, secrets, settings }: AdapterOptions): Attest {
  const keys = createSharedKeys(secrets, {
    digest: "sha1",
    expected: `an auth token of ${name}`,
    decode: utf8Bytes,
  });
  const reader = createHeaderReader(["x-twilio-signature", "content-type"]);
  return (request) => {
    if (keys.isEmpty) return withoutSecrets;
    const [text, type] = reader.read(request.headers);
    if (text === undefined) return refuse("missing_header", "Expected the header x-twilio-signature.");
    const signature = text === null || text.length > 28 ? undefined : decodeBase64(text);
    if (signature?.length !== 20) {
      return refuse("malformed_header", "Expected x-twilio-signature once, as base64 of 20 bytes.");
    }
    const url = parseRequestUrl(settings["notificationUrl"] ?? request.url);
    if (url === undefined) {
      return refuse("malformed_header", "Expected the URL of the request, as it was configured at Twilio.");
    }
    const hashes = queryValues(url, "bodySHA256");
    const isHashed = hashes !== undefined && hashes.length > 0;
    const fields = isHashed ? "" : formText(request.body, type);
    if (fields === undefined) {
      return refuse("malformed_header", "Expected a form, or bodySHA256 in the query.");
    }
    const keyIndex = keys.find(
      urlVariants(url).map((variant) => Buffer.from(variant + fields, "latin1")),
      [signature],
    );
    if (keyIndex < 0) return withoutMatch;
    if (isHashed && !(hashes.length === 1 && isHashOf(request.body, hashes[0] ?? ""))) {
      return refuse("no_matching_key", "The body is not the one whose hash is in the query.");
    }
    return { ok: true, keyIndex, covered: "signature", timestamp: undefined };
  };
}

/** The signed text of a form, one character a byte. An empty body is an empty form. */
function formText(body: Uint8Array, type: string | undefined | null): string | undefined {
  if (body.length === 0) return "";
  const isForm = type?.split(";", 1)[0]?.trim().toLowerCase() === formType;
  const fields = isForm ? parseForm(body) : undefined;
  return fields && sortedUniqueForm(fields);
}

function urlVariants({ scheme, host, port, rest }: RequestUrl): readonly string[] {
  return [...new Set([port, "", port === "" ? defaultPorts[scheme] : port])].map(
    (variant) => `${scheme}://${host}${variant}${rest}`,
  );
}

function isHashOf(body: Uint8Array, hex: string): boolean {
  const right = createHash("sha256").update(body).digest("hex");
  return hex.length === right.length && timingSafeEqual(Buffer.from(right), Buffer.from(hex, "latin1"));
}
