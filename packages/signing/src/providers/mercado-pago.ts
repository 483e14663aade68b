import { createHeaderReader } from "../headers.ts";
import { type Refusal, refuse } from "../reason.ts";
import { unixSeconds } from "../time.ts";
import { checkTimestamp } from "../window.ts";
import type { AdapterOptions, Attest } from "./adapter.ts";
import { utf8Bytes } from "./bytes.ts";
import { parseRequestUrl, queryValues } from "./request-url.ts";
import { createSharedKeys, withoutMatch, withoutSecrets } from "./shared-keys.ts";

const maxLength = 512;
const timestampForm = /^[0-9]{9,15}$/;
const hexSignature = /^[0-9a-f]{64}$/;
/** Without a semicolon, which ends each part of what is signed: one part could pass for two. */
const idForm = /^[!-:<-~]{1,256}$/;

/**
 * Mercado Pago's notifications: an HMAC over the id in the query, the request's id and the timestamp. The body is not
 * covered: fetch the resource by the id. Without options a notification may be of any age, as retries keep their time.
 * https://www.mercadopago.com/developers/en/docs/your-integrations/notifications/webhooks
 */
export function createMercadoPagoAttest({ name, secrets, toleranceSeconds }: AdapterOptions): Attest {
  const keys = createSharedKeys(secrets, {
    digest: "sha256",
    expected: `a secret of ${name}`,
    decode: utf8Bytes,
  });
  const reader = createHeaderReader(["x-signature", "x-request-id"]);
  return ({ headers, url, nowSeconds }) => {
    if (keys.isEmpty) return withoutSecrets;
    const [header, requestId] = reader.read(headers);
    const sent = readSignature(header);
    if ("ok" in sent) return sent;
    const ids = dataIds(url);
    if (ids === undefined || requestId === null || (requestId !== undefined && !idForm.test(requestId))) {
      return refuse(
        "malformed_header",
        "Expected the URL as it was called, with data.id at most once, and x-request-id once.",
      );
    }
    // Mercado Pago documents seconds, and sends milliseconds too.
    const seconds = unixSeconds(sent.time);
    const late =
      toleranceSeconds === undefined
        ? undefined
        : checkTimestamp(seconds, { now: nowSeconds, toleranceSeconds });
    if (late !== undefined) return late;
    const manifests = ids.map((id) => manifestOf(id, requestId, sent.text));
    const keyIndex = keys.find(manifests, sent.signatures);
    return keyIndex < 0 ? withoutMatch : { ok: true, keyIndex, covered: "token", timestamp: seconds };
  };
}

/** The id in the query, in lower case as the documentation wants, and as it stands there. */
function dataIds(url: string | undefined): readonly (string | undefined)[] | undefined {
  const target = parseRequestUrl(url);
  const values = target && queryValues(target, "data.id");
  if (values === undefined || values.length > 1) return undefined;
  const [id] = values;
  if (id === undefined || id === "") return [undefined];
  return idForm.test(id) ? [...new Set([id.toLowerCase(), id])] : undefined;
}

/** Parts that are missing are left out. */
function manifestOf(id: string | undefined, requestId: string | undefined, timestamp: string): string {
  const parts = [
    id === undefined ? "" : `id:${id};`,
    requestId ? `request-id:${requestId};` : "",
    `ts:${timestamp};`,
  ];
  return parts.join("");
}

interface SentSignature {
  readonly text: string;
  readonly time: number;
  readonly signatures: readonly Uint8Array[];
}

const malformed = refuse("malformed_header", "Expected x-signature once, as ts=…,v1=….");

function readSignature(header: string | undefined | null): SentSignature | Refusal {
  if (header === undefined) return refuse("missing_header", "Expected the header x-signature.");
  if (header === null || header.length > maxLength) return malformed;
  const fields = header.split(",").map((part) => part.replace(/^ /, "").split("="));
  const times = fields.filter(([name]) => name === "ts");
  const signatures = fields.filter(([name]) => name === "v1");
  const [text = ""] = times.map(([, value = ""]) => value);
  const isWellFormed =
    fields.every(({ length }) => length === 2) &&
    times.length === 1 &&
    timestampForm.test(text) &&
    signatures.every(([, hex = ""]) => hexSignature.test(hex));
  if (!isWellFormed) return malformed;
  if (signatures.length !== 1) return refuse("unknown_scheme", "Expected one signature of the scheme v1.");
  return { text, time: Number(text), signatures: signatures.map(([, hex = ""]) => Buffer.from(hex, "hex")) };
}
