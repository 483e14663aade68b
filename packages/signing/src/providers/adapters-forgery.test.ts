import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBase64 } from "../base64.ts";
import type { AdapterOptions, AdapterRequest, Attest } from "./adapter.ts";
import { createAdyenAttest } from "./adyen.ts";
import { createBraintreeAttest } from "./braintree.ts";
import { createEbayAttest } from "./ebay.ts";
import { formValues, parseForm } from "./form.ts";
import { createHttpMessageAttest } from "./http-message-signature.ts";
import { createTokenAttest } from "./jwt.ts";
import { createMercadoPagoAttest } from "./mercado-pago.ts";
import { parsePublicKey } from "./public-key.ts";
import type { PublicKeyProvider } from "./provider.ts";
import { createTwilioAttest } from "./twilio.ts";

const now = 1_795_220_135;
const secret = "a secret that both sides have";
const body = Buffer.from(JSON.stringify({ type: "invoice.paid", note: "$& \ufffd é \u0000", n: 1130 }));

type Dice = (sides: number) => number;

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function createDice(seed: number): Dice {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** A flipped bit; a byte more, less or twice; a cut; an invalid byte for U+FFFD; a part moved to the end. */
function mutate(bytes: Buffer, roll: Dice): Buffer {
  const at = roll(bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (roll(7)) {
    case 0:
      return Buffer.concat([before, Buffer.from([roll(256)]), after]);
    case 1:
      return Buffer.concat([before, after.subarray(1)]);
    case 2:
      return Buffer.from(before);
    case 3:
      return Buffer.concat([bytes, bytes.subarray(at, at + 1)]);
    case 4:
      return Buffer.from(bytes.toString("latin1").replace("\u00ef\u00bf\u00bd", "\u00ff"), "latin1");
    case 5:
      return Buffer.concat([after, before]);
    default: {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << roll(8);
      return changed;
    }
  }
}

interface Case {
  readonly name: string;
  readonly rounds: number;
  /** May take a moment to make its tokens. */
  readonly make: () => Promise<Genuine> | Genuine;
}

interface Genuine {
  readonly attest: Attest;
  readonly request: AdapterRequest & {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
  };
  /** The parts to change: `body`, `url` or headers. */
  readonly parts: readonly string[];
  /** What the signature is over, for schemes that do not sign the parts as bytes: the same means the same request. */
  readonly meaning?: (request: AdapterRequest) => unknown;
}

const optionsOf = (secrets: string[], settings: Record<string, string> = {}): AdapterOptions => ({
  name: "it",
  secrets,
  settings,
});
const hmac = (digest: string, key: string | Buffer, text: string) => createHmac(digest, key).update(text);
const parsed = (request: AdapterRequest): unknown => JSON.parse(Buffer.from(request.body).toString());

function twilio(): Genuine {
  const url = "https://example.com/sms?a=1&b=%20";
  const form = "Body=Hello+W%C3%B6rld%21%EF%BF%BD&From=%2B14158675309&To=%2B18005551212&A=2&A=1";
  const text = `${url}A1A2BodyHello Wörld!\ufffdFrom+14158675309To+18005551212`;
  const headers = {
    "x-twilio-signature": hmac("sha1", secret, text).digest("base64"),
    "content-type": "application/x-www-form-urlencoded",
  };
  return {
    attest: createTwilioAttest(optionsOf([secret])),
    request: { headers, url, body: Buffer.from(form), nowSeconds: now },
    parts: ["body", "url", "x-twilio-signature"],
    // Names and values are joined without anything between them: what is the same when joined is the same to Twilio.
    meaning: ({ url = "", body }) =>
      [
        url.replace(/^https:\/\/example\.com(?::\d*)?/i, ""),
        (parseForm(body) ?? [])
          .map((field) => field.join(""))
          .toSorted()
          .filter((one, index, all) => one !== all[index - 1])
          .join(""),
      ].join(""),
  };
}

function adyen(): Genuine {
  const key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
  const item = {
    additionalData: { hmacSignature: "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=" },
    amount: { currency: "EUR", value: 1130 },
    eventCode: "AUTHORISATION",
    merchantAccountCode: "TestMerchant",
    merchantReference: "TestPayment-1407325143704",
    pspReference: "7914073381342284",
    success: "true",
  };
  const batch = { notificationItems: [{ NotificationRequestItem: item }, { NotificationRequestItem: item }] };
  const signedOf = (value: unknown) =>
    (value as typeof batch).notificationItems.map(({ NotificationRequestItem: one }) =>
      [
        one.amount.currency,
        one.amount.value,
        one.eventCode,
        one.merchantAccountCode,
        one.merchantReference,
        one.pspReference,
        one.success,
      ].map(String),
    );
  return {
    attest: createAdyenAttest(optionsOf([key])),
    request: { headers: {}, body: Buffer.from(JSON.stringify(batch)), nowSeconds: now },
    parts: ["body"],
    meaning: (request) => signedOf(parsed(request)),
  };
}

function braintree(): Genuine {
  const payload = `${Buffer.from("<notification><kind>check</kind></notification>").toString("base64")}\n`;
  const signature = hmac("sha1", createHash("sha1").update(secret).digest(), payload).digest("hex");
  const form = `bt_signature=${encodeURIComponent(`key|${signature}`)}&bt_payload=${encodeURIComponent(payload)}`;
  return {
    attest: createBraintreeAttest(optionsOf([secret], { publicKey: "key" })),
    request: { headers: {}, body: Buffer.from(form), nowSeconds: now },
    parts: ["body"],
    meaning: ({ body }) => formValues(parseForm(body) ?? [], "bt_payload").map((text) => text.trimEnd()),
  };
}

function mercadoPago(): Genuine {
  const manifest = `id:abc123;request-id:req-1;ts:${now}000;`;
  const headers = {
    "x-signature": `ts=${now}000,v1=${hmac("sha256", secret, manifest).digest("hex")}`,
    "x-request-id": "req-1",
  };
  return {
    attest: createMercadoPagoAttest(optionsOf([secret])),
    request: { headers, url: "https://example.com/hook?data.id=abc123", body, nowSeconds: now },
    parts: ["url", "x-signature", "x-request-id"],
    meaning: ({ url = "", headers }) => [
      new URL(url).searchParams.get("data.id")?.toLowerCase(),
      (headers as Record<string, string>)["x-request-id"],
      (headers as Record<string, string>)["x-signature"]?.replaceAll(" ", ""),
    ],
  };
}

async function token(): Promise<Genuine> {
  const claims = { iss: "it", iat: now, body_sha256: createHash("sha256").update(body).digest("hex") };
  const text = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(secret));
  return {
    attest: createTokenAttest(
      {
        name: "it",
        algorithms: ["HS256"],
        token: { from: "header", name: "x-token", prefix: "Bearer " },
        bodyHash: { claim: "body_sha256", encoding: "hex" },
        claims: { iss: "it" },
        requires: ["iat"],
      },
      optionsOf([secret]),
    ),
    request: { headers: { "x-token": `Bearer ${text}` }, body, nowSeconds: now },
    parts: ["body", "x-token"],
  };
}

/** A message of RFC 9421, signed over a base that is written out by hand. */
function message(key: string, signing: (base: string) => Buffer): Genuine {
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  const parameters = `("@method" "@target-uri" "content-digest" "x-other");created=${now};nonce="n-1"`;
  const url = "https://example.com/in?a=1";
  const base = `"@method": POST\n"@target-uri": ${url}\n"content-digest": ${digest}\n"x-other": a b\n"@signature-params": ${parameters}`;
  const headers = {
    "content-digest": digest,
    "x-other": "a b",
    "signature-input": `sig1=${parameters}`,
    signature: `sig1=:${signing(base).toString("base64")}:`,
  };
  return {
    attest: createHttpMessageAttest(
      { name: "it", components: ["@method"], secret: "utf8" },
      optionsOf([key]),
    ),
    request: { headers, method: "POST", url, body, nowSeconds: now },
    parts: ["body", "url", ...Object.keys(headers)],
    // White space around fields and between members is no part of them; scheme and host may be in any case.
    meaning: ({ url = "", body, headers }) => [
      URL.canParse(url) ? new URL(url).href : url,
      Buffer.from(body).toString("latin1"),
      Object.entries(headers).map(([name, value]: [string, string]) =>
        name === "signature-input" ? value.replaceAll(" ", "") : value.trim(),
      ),
    ],
  };
}

function messageOfEd25519(): Genuine {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ format: "pem", type: "spki" }) as string;
  return message(pem, (base) => sign(null, Buffer.from(base), privateKey));
}

function ebay(): Genuine {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = publicKey.export({ format: "pem", type: "spki" });
  const signature = sign("sha1", body, privateKey).toString("base64");
  const header = Buffer.from(JSON.stringify({ kid: "k-1", signature })).toString("base64");
  const answer = JSON.stringify({ access_token: "t", key, algorithm: "ECDSA", digest: "SHA1" });
  const options = { ...optionsOf([secret], { clientId: "c" }), fetchKey: () => Promise.resolve(answer) };
  return {
    attest: createEbayAttest(options),
    request: { headers: { "x-ebay-signature": header }, body, nowSeconds: now },
    parts: ["body", "x-ebay-signature"],
    // This server has one key, under whatever name it is asked for.
    meaning: ({ headers, body }) => {
      const text = Buffer.from(
        (headers as Record<string, string>)["x-ebay-signature"] ?? "",
        "base64",
      ).toString();
      return [(JSON.parse(text) as { signature: string }).signature, Buffer.from(body).toString("latin1")];
    },
  };
}

type Algorithm = PublicKeyProvider["algorithm"];

/** A body under a public key, as the rows of that kind have it. */
function publicKey(algorithm: Algorithm): Genuine {
  const pairs = {
    ed25519: () => generateKeyPairSync("ed25519"),
    "ecdsa-p256-sha256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    "rsa-sha256": () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  };
  const { publicKey, privateKey } = pairs[algorithm]();
  const pem = publicKey.export({ format: "pem", type: "spki" }) as string;
  const key = parsePublicKey(pem, { name: "it", algorithm, key: "spki-pem" });
  const signature = sign(algorithm === "ed25519" ? null : "sha256", body, privateKey).toString("base64");
  return {
    attest: ({ headers, body }) => {
      const bytes = decodeBase64((headers as Readonly<Record<string, string>>)["x-signature"] ?? "");
      const ok = bytes !== undefined && key.verify(body, bytes);
      return ok
        ? { ok, keyIndex: 0, covered: "signature", timestamp: undefined }
        : { ok, reason: "no_matching_key", hint: "" };
    },
    request: { headers: { "x-signature": signature }, body, nowSeconds: now },
    parts: ["body", "x-signature"],
    meaning: ({ headers, body }) => [String(Object.values(headers)[0]), Buffer.from(body).toString("latin1")],
  };
}

/** A token under a public key. */
async function signedToken(algorithm: "ES256" | "RS256"): Promise<Genuine> {
  const { publicKey, privateKey } =
    algorithm === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const claims = { body_sha256: createHash("sha256").update(body).digest("base64") };
  const text = await new SignJWT(claims).setProtectedHeader({ alg: algorithm }).sign(privateKey);
  const pem = publicKey.export({ format: "pem", type: "spki" }) as string;
  return {
    attest: createTokenAttest(
      {
        name: "it",
        algorithms: ["ES256", "RS256", "HS256"],
        token: { from: "header", name: "x-token" },
        bodyHash: { claim: "body_sha256", encoding: "base64" },
      },
      optionsOf([pem]),
    ),
    request: { headers: { "x-token": text }, body, nowSeconds: now },
    parts: ["body", "x-token"],
  };
}

const cases: readonly Case[] = [
  { name: "twilio", rounds: 100_000, make: twilio },
  { name: "adyen", rounds: 100_000, make: adyen },
  { name: "braintree", rounds: 100_000, make: braintree },
  { name: "mercado-pago", rounds: 100_000, make: mercadoPago },
  { name: "jwt (HS256)", rounds: 100_000, make: token },
  {
    name: "RFC 9421 (hmac-sha256)",
    rounds: 100_000,
    make: () => message(secret, (base) => hmac("sha256", secret, base).digest()),
  },
  { name: "RFC 9421 (ed25519)", rounds: 10_000, make: messageOfEd25519 },
  { name: "ebay (ECDSA)", rounds: 10_000, make: ebay },
  { name: "jwt (ES256)", rounds: 10_000, make: () => signedToken("ES256") },
  { name: "jwt (RS256)", rounds: 10_000, make: () => signedToken("RS256") },
  { name: "public key (Ed25519)", rounds: 20_000, make: () => publicKey("ed25519") },
  { name: "public key (ECDSA)", rounds: 20_000, make: () => publicKey("ecdsa-p256-sha256") },
  { name: "public key (RSA)", rounds: 20_000, make: () => publicKey("rsa-sha256") },
];

function changedRequest({ request, parts }: Genuine, roll: Dice): AdapterRequest {
  const part = parts[roll(parts.length)]!;
  if (part === "body") return { ...request, body: mutate(request.body, roll) };
  const change = (text: string) => mutate(Buffer.from(text, "latin1"), roll).toString("latin1");
  if (part === "url") return { ...request, url: change(request.url ?? "") };
  const value = request.headers[part]!;
  const changed = roll(20) === 0 ? [value, value] : change(value);
  return { ...request, headers: { ...request.headers, [part]: changed } };
}

describe.each(cases)("$name, forged $rounds times", ({ make, rounds }) => {
  let genuine: Genuine;
  beforeAll(async () => {
    genuine = await make();
  });

  it("is accepted as it was, and in no other meaning; nothing throws", async () => {
    const { attest, request, meaning } = genuine;
    expect(await attest(request)).toMatchObject({ ok: true });
    const meant = JSON.stringify(meaning?.(request));
    const roll = createDice(17);
    const accepted: AdapterRequest[] = [];
    for (let round = 0; round < rounds; round++) {
      const forged = changedRequest(genuine, roll);
      const { ok } = await attest(forged);
      const isTheSame =
        ok && (meaning ? JSON.stringify(meaning(forged)) === meant : isEqual(forged, request));
      if (ok && !isTheSame) accepted.push(forged);
    }
    expect(accepted.slice(0, 3).map(describeRequest)).toEqual([]);
  });
});

/** A mutation may change nothing. */
function isEqual(one: AdapterRequest, other: AdapterRequest): boolean {
  return (
    Buffer.from(one.body).equals(other.body) &&
    one.url === other.url &&
    JSON.stringify(one.headers) === JSON.stringify(other.headers)
  );
}

function describeRequest({ headers, body, url }: AdapterRequest) {
  return { headers, url, body: Buffer.from(body).toString("latin1") };
}
