import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import { rawBytes, refuseParsedBody } from "../body.ts";
import { idForm, timestampForm } from "../content.ts";
import { readHeader, type RequestHeaders } from "../headers.ts";
import { KeyError } from "../key.ts";
import { type Refusal, refuse } from "../reason.ts";
import { checkTimestamp } from "../window.ts";
import type {
  PreparedProvider,
  PrepareProviderOptions,
  ProviderRequest,
  ProviderVerification,
} from "./prepare.ts";
import type { HmacProvider } from "./provider.ts";
import { verifiedProviderEvent } from "./verified-provider-event.ts";

/** Reads an HMAC row. */
export function prepareHmac(
  row: HmacProvider,
  { secrets, toleranceSeconds }: PrepareProviderOptions,
): PreparedProvider {
  const keys = secrets.map((secret) => parseSecret(row, secret));
  const fields = fieldsOf(row);
  return { verify: (request) => verifyHmac({ row, keys, fields, toleranceSeconds }, request) };
}

interface Prepared {
  readonly row: HmacProvider;
  readonly keys: readonly KeyObject[];
  readonly fields: readonly Field[];
  readonly toleranceSeconds: number | undefined;
}

function verifyHmac(
  { row, keys, fields, toleranceSeconds }: Prepared,
  request: ProviderRequest,
): ProviderVerification {
  const body = rawBytes(request.body);
  if (body === undefined) return refuseParsedBody(request.body);
  if (keys.length === 0) return refuse("key_unavailable", "Expected at least one secret to verify with.");
  const read = readFields(fields, request.headers);
  if ("ok" in read) return read;
  const timestamp = read.timestamp === undefined ? undefined : Number(read.timestamp);
  const late =
    timestamp === undefined ? undefined : checkTimestamp(timestamp, { now: request.now, toleranceSeconds });
  if (late !== undefined) return late;
  const signature = Buffer.from(read.signature.slice(row.signature.prefix.length), row.signature.encoding);
  const keyIndex = findKey(keys, signature, (key) => digest(row, key, { ...read, body }));
  if (keyIndex < 0) return refuse("no_matching_key", "The signature was not made with a configured secret.");
  const event = verifiedProviderEvent({ provider: row.id, id: read.id, type: read.type, timestamp, body });
  return { ok: true, event, keyIndex, covered: "signature" };
}

function parseSecret(row: HmacProvider, secret: string): KeyObject {
  const bytes = typeof secret === "string" ? decoders[row.secret](secret) : undefined;
  if (bytes === undefined || bytes.length === 0) {
    throw new KeyError(`Expected a secret of ${row.name} in ${row.secret}, not empty.`);
  }
  return createSecretKey(bytes);
}

const decoders: Readonly<Record<HmacProvider["secret"], (text: string) => Buffer | undefined>> = {
  utf8: (text) => Buffer.from(text, "utf8"),
  base64: decodeBase64,
  hex: (text) => (/^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined),
};

/** The parts of a request that come from headers, each in a form that has one meaning. */
interface Fields {
  readonly signature: string;
  readonly id: string;
  readonly timestamp?: string;
  readonly type?: string;
}

interface Field {
  readonly part: keyof Fields;
  readonly header: string;
  readonly form: RegExp;
  readonly required: boolean;
}

const typeForm = /^[A-Za-z0-9_.:/-]{1,128}$/;

function fieldsOf({ signature, digest, timestamp, event }: HmacProvider): readonly Field[] {
  return [
    { part: "signature", header: signature.header, form: signatureForm(signature, digest), required: true },
    { part: "id", header: event.id.header, form: idForm, required: true },
    ...(timestamp
      ? [{ part: "timestamp", header: timestamp.header, form: timestampForm, required: true } as const]
      : []),
    ...(event.type
      ? [{ part: "type", header: event.type.header, form: typeForm, required: false } as const]
      : []),
  ];
}

const digestLengths = { sha1: 20, sha256: 32, sha512: 64 };

/** Exactly the texts a signature can have; hex in lower case, base64 canonical, so that each stands for other bytes. */
function signatureForm(
  { prefix, encoding }: HmacProvider["signature"],
  digest: HmacProvider["digest"],
): RegExp {
  const length = digestLengths[digest];
  const start = `^${prefix.replace(/[^A-Za-z0-9]/g, "\\$&")}`;
  if (encoding === "hex") return new RegExp(`${start}[0-9a-f]{${2 * length}}$`);
  const whole = Math.floor((length * 4) / 3);
  const end = length % 3 === 1 ? "[AQgw]==" : "[AEIMQUYcgkosw048]=";
  return new RegExp(`${start}[A-Za-z0-9+/]{${whole}}${end}$`);
}

function readFields(fields: readonly Field[], headers: RequestHeaders): Fields | Refusal {
  const read: { signature: string; id: string; timestamp?: string; type?: string } = {
    signature: "",
    id: "",
  };
  for (const { part, header, form, required } of fields) {
    const found = readHeader(headers, header);
    if (found === "missing") {
      if (required) return refuse("missing_header", `Expected the header ${header}.`);
      continue;
    }
    if (found === "malformed" || !form.test(found.value)) {
      return refuse("malformed_header", `Expected ${header} exactly once, in its documented form.`);
    }
    read[part] = found.value;
  }
  return read;
}

function digest(row: HmacProvider, key: KeyObject, parts: Fields & { readonly body: Uint8Array }): Buffer {
  const hmac = createHmac(row.digest, key);
  for (const part of row.message) hmac.update("literal" in part ? part.literal : (parts[part.from] ?? ""));
  return hmac.digest();
}

/** The lowest index that matches; every key is tried. */
function findKey(
  keys: readonly KeyObject[],
  signature: Buffer,
  expected: (key: KeyObject) => Buffer,
): number {
  let found = -1;
  for (const [index, key] of keys.entries()) {
    if (timingSafeEqual(expected(key), signature) && found < 0) found = index;
  }
  return found;
}
