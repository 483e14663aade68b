import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyError } from "../key-error.ts";
import type { AdapterOptions, AdapterRequest } from "./adapter.ts";
import { adapters } from "./adapters.ts";
import { createAdyenAttest } from "./adyen.ts";
import { createAttestOf } from "./attest-row.ts";
import { createBraintreeAttest } from "./braintree.ts";
import { createEbayAttest } from "./ebay.ts";
import type { KeyRequest } from "./fetch-key.ts";
import { createMercadoPagoAttest } from "./mercado-pago.ts";
import { parsePublicKey } from "./public-key.ts";
import type { Provider } from "./provider.ts";
import { adapterRows } from "./rows/adapters.ts";
import { createTwilioAttest } from "./twilio.ts";

const now = 1_795_220_135;
const optionsOf = (secrets: string[], settings: Record<string, string> = {}): AdapterOptions => ({
  name: "it",
  secrets,
  settings,
});
const hmac = (digest: string, key: string | Buffer, message: string | Buffer) =>
  createHmac(digest, key).update(message);

const batch = (...items: readonly unknown[]) =>
  JSON.stringify({
    live: "false",
    notificationItems: items.map((NotificationRequestItem) => ({ NotificationRequestItem })),
  });

const formRequest = (fields: readonly (readonly [string, string])[]): AdapterRequest => ({
  headers: {},
  body: Buffer.from(fields.map((pair) => pair.map(encodeURIComponent).join("=")).join("&")),
  nowSeconds: now,
});

const serve =
  (key: unknown, seen: KeyRequest[] = []) =>
  (request: KeyRequest) => {
    seen.push(request);
    const isToken = request.url.endsWith("/identity/v1/oauth2/token");
    return Promise.resolve(JSON.stringify(isToken ? { access_token: "token" } : key));
  };

describe("createTwilioAttest", () => {
  // The example of Twilio's documentation and of its libraries' tests.
  const vector = {
    headers: {
      "X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
      "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
    },
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    body: Buffer.from(
      "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE",
    ),
    nowSeconds: now,
  };
  const attest = createTwilioAttest(optionsOf(["other", "12345"]));

  it("accepts the documented request, with and without the port", () => {
    expect(attest(vector)).toEqual({ ok: true, keyIndex: 1, covered: "signature", timestamp: undefined });
    expect(attest({ ...vector, url: vector.url.replace(".com", ".com:443") })).toMatchObject({ ok: true });
    expect(attest({ ...vector, url: vector.url.replace(".com", ".com:8443") })).toMatchObject({ ok: true });
    expect(attest({ ...vector, url: vector.url.replace("https", "http") })).toMatchObject({
      reason: "no_matching_key",
    });
  });

  it("takes the URL from the setting when there is one", () => {
    const behindProxy = createTwilioAttest(optionsOf(["12345"], { notificationUrl: vector.url }));
    expect(behindProxy({ ...vector, url: "http://10.0.0.1/" })).toMatchObject({ ok: true });
  });

  it("holds any other body against its hash in the signed query", () => {
    const body = Buffer.from('{"property": "value", "boolean": true}');
    const hash = createHash("sha256").update(body).digest("hex");
    const url = `https://example.com/hook?bodySHA256=${hash}`;
    const signature = hmac("sha1", "12345", url).digest("base64");
    const request = {
      headers: { "x-twilio-signature": signature, "content-type": "application/json" },
      url,
      body,
      nowSeconds: now,
    };
    expect(attest(request)).toMatchObject({ ok: true, covered: "signature" });
    expect(attest({ ...request, body: Buffer.from("{}") })).toMatchObject({ reason: "no_matching_key" });
    const unhashed = hmac("sha1", "12345", "https://example.com/hook").digest("base64");
    const headers = { ...request.headers, "x-twilio-signature": unhashed };
    expect(attest({ ...request, headers, url: "https://example.com/hook" })).toMatchObject({
      reason: "malformed_header",
    });
  });

  it("refuses what is not in form", () => {
    expect(attest({ ...vector, headers: {} })).toMatchObject({ reason: "missing_header" });
    expect(attest({ ...vector, url: undefined })).toMatchObject({ reason: "malformed_header" });
    for (const value of ["", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "RSOYDt4T1cUTdK1PDd93/VVr8B8", ["a", "b"]]) {
      const headers = { ...vector.headers, "X-Twilio-Signature": value };
      expect(attest({ ...vector, headers })).toMatchObject({ reason: "malformed_header" });
    }
    expect(createTwilioAttest(optionsOf([]))(vector)).toMatchObject({ reason: "key_unavailable" });
  });
});

describe("createAdyenAttest", () => {
  // The example of Adyen's documentation and of its libraries' tests.
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
  const signed = (changes: Record<string, unknown>) => {
    const { pspReference, merchantAccountCode, merchantReference, amount, eventCode, success } = {
      ...item,
      ...changes,
    } as typeof item;
    const original = (changes["originalReference"] as string | undefined) ?? "";
    const parts = [
      pspReference,
      original,
      merchantAccountCode,
      merchantReference,
      amount.value,
      amount.currency,
      eventCode,
      success,
    ];
    const hmacSignature = hmac("sha256", Buffer.from(key, "hex"), parts.join(":")).digest("base64");
    return { ...item, ...changes, additionalData: { hmacSignature } };
  };
  const attest = (text: string) =>
    createAdyenAttest(optionsOf([key]))({ headers: {}, body: Buffer.from(text), nowSeconds: now });

  it("accepts the documented item, and a batch of which every item is signed", () => {
    expect(attest(batch(item))).toMatchObject({ ok: true, keyIndex: 0, covered: "signature" });
    expect(
      attest(batch(item, signed({ pspReference: "2", originalReference: "1", merchantReference: "a:b" }))),
    ).toMatchObject({ ok: true });
  });

  it("refuses a batch with one item that is not", () => {
    expect(attest(batch(item, { ...item, success: "false" }))).toMatchObject({ reason: "no_matching_key" });
    const { additionalData: _, ...unsigned } = item;
    expect(attest(batch(item, unsigned))).toMatchObject({ reason: "malformed_header" });
    expect(attest(batch())).toMatchObject({ reason: "malformed_header" });
    expect(attest(batch(...Array.from({ length: 101 }, () => item)))).toMatchObject({
      reason: "malformed_header",
    });
  });

  it("refuses values that are shared out in another way under the same signature", () => {
    const text = batch(item);
    const moved = text
      .replace('"TestMerchant"', '"TestMerchant:TestPayment-1407325143704"')
      .replace('"TestPayment-1407325143704"', '""');
    expect(attest(moved)).toMatchObject({ ok: false });
    expect(
      attest(batch({ ...item, pspReference: "7914073381342284:", merchantAccountCode: undefined })),
    ).toMatchObject({ ok: false });
  });

  it("refuses members that are there twice, and values that are no scalars or not exact", () => {
    const text = batch(item);
    expect(attest(text.replace('"success"', '"success":"false","success"'))).toMatchObject({
      reason: "malformed_header",
    });
    expect(attest(text.replace("1130", "1130.5"))).toMatchObject({ reason: "malformed_header" });
    expect(attest(text.replace("1130", "9007199254740993"))).toMatchObject({ reason: "malformed_header" });
    expect(attest(text.replace('"true"', '["true"]'))).toMatchObject({ reason: "malformed_header" });
    for (const other of [
      "",
      "null",
      "[]",
      "{}",
      '{"notificationItems":{}}',
      '{"notificationItems":[null]}',
    ]) {
      expect(attest(other)).toMatchObject({ reason: "malformed_header" });
    }
  });

  it("takes keys in hex only", () => {
    for (const secret of ["", "xyz", "abc"])
      expect(() => createAdyenAttest(optionsOf([secret]))).toThrow(KeyError);
  });
});

describe("createBraintreeAttest", () => {
  const payload = `${Buffer.from("<notification><kind>check</kind></notification>").toString("base64")}\n`;
  const key = createHash("sha1").update("integration_private_key").digest();
  const signatureOf = (text: string) => hmac("sha1", key, text).digest("hex");
  const attest = createBraintreeAttest(
    optionsOf(["old", "integration_private_key"], { publicKey: "integration_public_key" }),
  );
  const pair = `integration_public_key|${signatureOf(payload)}`;

  it("accepts the pair of the configured public key among others", () => {
    const request = formRequest([
      ["bt_signature", `other|${"0".repeat(40)}&${pair}`],
      ["bt_payload", payload],
    ]);
    expect(attest(request)).toMatchObject({ ok: true, keyIndex: 1, covered: "signature", type: "check" });
    const id = createHash("sha256").update(payload.trim()).digest("hex");
    expect(attest(request)).toMatchObject({ id });
  });

  it("accepts a payload that has lost its last line break, under the same id", () => {
    const whole = attest(
      formRequest([
        ["bt_signature", pair],
        ["bt_payload", payload],
      ]),
    );
    const cut = attest(
      formRequest([
        ["bt_signature", pair],
        ["bt_payload", payload.trim()],
      ]),
    );
    expect(cut).toEqual(whole);
  });

  it("is no use for what the handshake signs", () => {
    const challenge = "20f9f8ed05f77439fe955c977e4c8a53";
    const signature = `integration_public_key|${signatureOf(challenge)}`;
    for (const text of [challenge, `${challenge}\n`]) {
      const request = formRequest([
        ["bt_signature", signature],
        ["bt_payload", text],
      ]);
      expect(attest(request)).toMatchObject({ reason: "malformed_header" });
    }
  });

  it("refuses what is not in form, not once, or not its own", () => {
    const cases: [string, string[][]][] = [
      [
        "unknown_scheme",
        [
          ["bt_signature", pair.replace("integration", "other")],
          ["bt_payload", payload],
        ],
      ],
      [
        "no_matching_key",
        [
          ["bt_signature", pair],
          ["bt_payload", `AAAA${payload}`],
        ],
      ],
      [
        "malformed_header",
        [
          ["bt_signature", pair],
          ["bt_payload", payload],
          ["bt_payload", payload],
        ],
      ],
      [
        "malformed_header",
        [
          ["bt_signature", pair],
          ["bt_signature", pair],
          ["bt_payload", payload],
        ],
      ],
      [
        "malformed_header",
        [
          ["bt_signature", pair.toUpperCase().replace(/^.*\|/, "integration_public_key|")],
          ["bt_payload", payload],
        ],
      ],
      [
        "malformed_header",
        [
          ["bt_signature", `${pair}|x`],
          ["bt_payload", payload],
        ],
      ],
      [
        "malformed_header",
        [
          ["bt_signature", pair],
          ["bt_payload", "<xml>"],
        ],
      ],
      [
        "malformed_header",
        [
          ["bt_signature", `${pair}&`.repeat(11)],
          ["bt_payload", payload],
        ],
      ],
      ["malformed_header", [["bt_signature", pair]]],
      ["malformed_header", []],
    ];
    for (const [reason, fields] of cases) {
      expect(attest(formRequest(fields as [string, string][])), JSON.stringify(fields)).toMatchObject({
        reason,
      });
    }
  });
});

describe("createMercadoPagoAttest", () => {
  const secret = "mp-secret";
  const url = "https://example.com/hook?data.id=ABC123&type=payment";
  const headersOf = (manifest: string, ts = String(now * 1000)) => ({
    "x-signature": `ts=${ts},v1=${hmac("sha256", secret, manifest).digest("hex")}`,
    "x-request-id": "req-1",
  });
  const good = headersOf(`id:abc123;request-id:req-1;ts:${now}000;`);
  const attest = createMercadoPagoAttest(optionsOf([secret]));
  const requestOf = (headers: AdapterRequest["headers"], changes: Partial<AdapterRequest> = {}) => ({
    headers,
    url,
    body: Buffer.from("{}"),
    nowSeconds: now,
    ...changes,
  });

  it("accepts the id in lower case or as it is, and does not claim to cover the body", () => {
    expect(attest(requestOf(good))).toEqual({ ok: true, keyIndex: 0, covered: "token", timestamp: now });
    const asItIs = headersOf(`id:ABC123;request-id:req-1;ts:${now}000;`);
    expect(attest(requestOf(asItIs))).toMatchObject({ ok: true });
  });

  it("refuses one part that says what two said", () => {
    const { "x-signature": signature } = good;
    const joined = "https://example.com/hook?data.id=abc123;request-id:req-1";
    expect(attest(requestOf({ "x-signature": signature }, { url: joined }))).toMatchObject({
      reason: "malformed_header",
    });
    const { "x-signature": alone } = headersOf(`request-id:req-1;ts:${now};`, String(now));
    expect(
      attest(requestOf({ "x-signature": alone, "x-request-id": "req-1;request-id:" }, { url: joined })),
    ).toMatchObject({ reason: "malformed_header" });
  });

  it("leaves out what is missing, and takes seconds too", () => {
    const { "x-request-id": _, ...headers } = headersOf(`ts:${now};`, String(now));
    expect(attest(requestOf(headers, { url: "https://example.com/hook" }))).toMatchObject({
      ok: true,
      timestamp: now,
    });
  });

  it("has no window but the one that is asked for", () => {
    const strict = createMercadoPagoAttest({ ...optionsOf([secret]), toleranceSeconds: 300 });
    expect(attest(requestOf(good, { nowSeconds: now + 9999 }))).toMatchObject({ ok: true });
    expect(strict(requestOf(good, { nowSeconds: now + 301 }))).toMatchObject({ reason: "timestamp_too_old" });
    expect(strict(requestOf(good, { nowSeconds: now - 301 }))).toMatchObject({
      reason: "timestamp_in_future",
    });
  });

  it("refuses what is not in form, or not signed", () => {
    const signature = good["x-signature"];
    const headers = { ...good, "x-request-id": "req-2" };
    expect(attest(requestOf(headers))).toMatchObject({ reason: "no_matching_key" });
    expect(attest(requestOf({}))).toMatchObject({ reason: "missing_header" });
    expect(attest(requestOf(good, { url: `${url}&data.id=2` }))).toMatchObject({
      reason: "malformed_header",
    });
    const values = [
      "",
      "ts=1",
      `${signature},ts=${now}`,
      signature.replace("ts=", "ts=x"),
      signature.toUpperCase(),
      `${signature}=`,
    ];
    for (const value of values) {
      expect(attest(requestOf({ ...good, "x-signature": value })), value).toMatchObject({
        reason: "malformed_header",
      });
    }
    const v2 = signature.replace("v1=", "v2=");
    expect(attest(requestOf({ ...good, "x-signature": v2 }))).toMatchObject({ reason: "unknown_scheme" });
  });
});

describe("createEbayAttest", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = (publicKey.export({ format: "pem", type: "spki" }) as string).replaceAll("\n", "");
  const kid = "9936261a-7d7b-4621-a0f1-964b1e4f2c8b";
  const body = Buffer.from(
    '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"1"}}',
  );
  const headersOf = (changes: Record<string, unknown> = {}, digest = "sha1") => {
    const signature = sign(digest, body, privateKey).toString("base64");
    const value = { alg: "ECDSA", kid, signature, digest: "SHA1", ...changes };
    return { "X-EBAY-SIGNATURE": Buffer.from(JSON.stringify(value)).toString("base64") };
  };
  const ebay = {
    ...optionsOf(["client-secret"], { clientId: "client-id" }),
    fetchKey: serve({ key: pem, algorithm: "ECDSA", digest: "SHA1" }),
  };

  it("fetches a token and the key by its id, once, and accepts", async () => {
    const seen: KeyRequest[] = [];
    const attest = createEbayAttest({
      ...ebay,
      fetchKey: serve({ key: pem, algorithm: "ECDSA", digest: "SHA1" }, seen),
    });
    const accepted = { ok: true, keyIndex: 0, covered: "signature", timestamp: undefined };
    expect(await attest({ headers: headersOf(), body, nowSeconds: now })).toEqual(accepted);
    expect(await attest({ headers: headersOf(), body, nowSeconds: now + 3600 })).toEqual(accepted);
    expect(seen.map(({ url }) => url)).toEqual([
      "https://api.ebay.com/identity/v1/oauth2/token",
      `https://api.ebay.com/commerce/notification/v1/public_key/${kid}`,
    ]);
    expect(seen[0]?.headers?.["authorization"]).toBe(
      `Basic ${Buffer.from("client-id:client-secret").toString("base64")}`,
    );
    expect(seen[1]?.headers?.["authorization"]).toBe("Bearer token");
  });

  it("takes the digest from eBay's key, never from the request", async () => {
    const attest = createEbayAttest(ebay);
    const request = { body, nowSeconds: now };
    expect(await attest({ ...request, headers: headersOf({ digest: "SHA256" }, "sha256") })).toMatchObject({
      reason: "no_matching_key",
    });
    const strong = createEbayAttest({
      ...ebay,
      fetchKey: serve({ key: pem, algorithm: "ECDSA", digest: "SHA256" }),
    });
    expect(await strong({ ...request, headers: headersOf({}, "sha256") })).toMatchObject({ ok: true });
  });

  it("is key_unavailable for what is no such key", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
      format: "pem",
      type: "spki",
    });
    for (const key of [
      null,
      {},
      { key: "x", algorithm: "ECDSA", digest: "SHA1" },
      { key: rsa, algorithm: "ECDSA", digest: "SHA1" },
      { key: pem, algorithm: "ECDSA", digest: "NONE" },
    ]) {
      const attest = createEbayAttest({ ...ebay, fetchKey: serve(key) });
      expect(await attest({ headers: headersOf(), body, nowSeconds: now })).toMatchObject({
        reason: "key_unavailable",
      });
    }
  });

  it("refuses what is not in form before it asks anybody", async () => {
    const seen: KeyRequest[] = [];
    const attest = createEbayAttest({ ...ebay, fetchKey: serve({}, seen) });
    const good = headersOf()["X-EBAY-SIGNATURE"];
    const values = ["", "e30=", `${good} `, good.slice(0, -4), "x".repeat(3000)];
    const headers = [
      ...values.map((value) => ({ "x-ebay-signature": value })),
      headersOf({ kid: "../x" }),
      headersOf({ kid: 1 }),
      headersOf({ signature: "$" }),
    ];
    for (const one of headers) {
      expect(await attest({ headers: one, body, nowSeconds: now })).toMatchObject({
        reason: "malformed_header",
      });
    }
    expect(await attest({ headers: {}, body, nowSeconds: now })).toMatchObject({ reason: "missing_header" });
    expect(seen).toEqual([]);
  });
});

describe("parsePublicKey", () => {
  const ed25519 = generateKeyPairSync("ed25519");
  const raw = ed25519.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const row = { name: "it", algorithm: "ed25519", key: "hex" } as const;

  it("reads an Ed25519 key in hex or base64, and verifies with it", () => {
    const message = Buffer.from("1700000000{}");
    const signature = sign(null, message, ed25519.privateKey);
    const keys = [
      parsePublicKey(raw.toString("hex"), row),
      parsePublicKey(raw.toString("base64"), { ...row, key: "base64" }),
    ];
    for (const key of keys) {
      expect(key.verify(message, signature)).toBe(true);
      expect(key.verify(Buffer.from("1700000001{}"), signature)).toBe(false);
      for (const length of [0, 63, 65, 5000]) expect(key.verify(message, Buffer.alloc(length))).toBe(false);
    }
  });

  it("takes no key of another kind, nor one that anybody can sign for", () => {
    const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    const pem = (key: typeof weak) => key.export({ format: "pem", type: "spki" }) as string;
    const cases = [
      () => parsePublicKey("00".repeat(32), row),
      () => parsePublicKey(`01${"00".repeat(31)}`, row),
      () => parsePublicKey(raw.toString("hex").slice(2), row),
      () => parsePublicKey(`${raw.toString("hex")} `, row),
      () => parsePublicKey("", row),
      () => parsePublicKey(pem(p256), { ...row, key: "spki-pem" }),
      () => parsePublicKey(pem(weak), { ...row, key: "spki-pem", algorithm: "rsa-sha256" }),
      () => parsePublicKey(pem(ed25519.publicKey), { ...row, key: "spki-pem", algorithm: "rsa-sha256" }),
      () =>
        parsePublicKey(p256.export({ format: "der", type: "spki" }).fill(1, 30).toString("base64"), {
          name: "it",
          algorithm: "ecdsa-p256-sha256",
          key: "spki-base64",
        }),
    ];
    for (const [index, make] of cases.entries()) expect(make, String(index)).toThrow(KeyError);
  });
});

describe("adapters", () => {
  it("are those that the rows name", () => {
    const named = adapterRows.flatMap((row) => (row.kind === "adapter" ? [row.adapter] : []));
    expect(named.toSorted()).toEqual(Object.keys(adapters).toSorted());
    expect(new Set(adapterRows.map(({ id }) => id)).size).toBe(adapterRows.length);
  });

  it("can be made from every row, with secrets and the settings that it asks for", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = publicKey.export({ format: "pem", type: "spki" }) as string;
    for (const row of adapterRows as readonly Provider[]) {
      if (row.kind !== "jwt" && row.kind !== "http-message-signature" && row.kind !== "adapter") continue;
      const asked = Object.entries(row.settings ?? {}).flatMap(([name, form]) =>
        form.required ? [name] : [],
      );
      const settings = Object.fromEntries(asked.map((name) => [name, "https://example.com"]));
      const secrets = [row.kind === "http-message-signature" ? pem : "ab".repeat(32)];
      expect(createAttestOf(row, { secrets, settings }), row.id).toBeTypeOf("function");
      if (asked.length > 0)
        expect(() => createAttestOf(row, { secrets, settings: {} }), row.id).toThrow(TypeError);
    }
    const row = {
      kind: "adapter",
      id: "x",
      name: "X",
      adapter: "toString",
      documentation: "",
      event: {},
    } as const;
    expect(() => createAttestOf(row, { secrets: [], settings: {} })).toThrow(/adapter of X/);
  });

  it("need their secrets and settings before any request", () => {
    for (const [name, create] of Object.entries(adapters)) {
      for (const blank of ["", " \n"])
        expect(() => create({ name, secrets: [blank], settings: {} }), name).toThrow(/Expected/);
    }
  });

  const waiting = (adapterRows as readonly Provider[]).flatMap((row) =>
    row.kind === "jwt" || row.kind === "http-message-signature" || row.kind === "adapter" ? [row] : [],
  );

  it.each(waiting)("of $id neither throw nor accept whatever comes, and whatever is fetched", async (row) => {
    const settings = Object.fromEntries(
      Object.keys(row.settings ?? {}).map((name) => [name, name === "issuer" ? "https://example.com" : "2"]),
    );
    const { environment: _, ...known } = settings;
    const names = [
      "authorization",
      "content-digest",
      "content-type",
      "signature",
      "signature-input",
      "x-signature",
      "x-request-id",
      ...(row.kind === "jwt" && row.token.from === "header" ? [row.token.name] : []),
      ...["id", "time", "sig"].map((part) => `paypal-transmission-${part}`),
      "paypal-cert-url",
      "paypal-auth-algo",
      "plaid-verification",
      "x-ebay-signature",
      "x-twilio-signature",
    ];
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.base64String(),
      fc.constantFrom(
        'a=("@path");created=1',
        "a=:AAAA:",
        "SHA256withRSA",
        "e30.e30.e30",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
      ),
    );
    const value = fc.oneof(
      text,
      fc.array(text),
      fc.constant(undefined),
      fc.anything() as fc.Arbitrary<string>,
    );
    const headers = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: names.length });
    const bodies = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => Buffer.from(json)),
      fc.string().map((part) => Buffer.from(`bt_signature=2|${part}&bt_payload=AAAA`)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({ headers, body: bodies, url: fc.option(text, { nil: undefined }) }),
        text,
        async (request, key) => {
          const secrets = ["ab".repeat(32)];
          const attest = createAttestOf(row, {
            secrets,
            settings: known,
            fetchKey: () => Promise.resolve(key),
          });
          const result = await attest({ ...request, nowSeconds: now, method: "POST" });
          expect(result).toMatchObject({ ok: false });
        },
      ),
      { seed: 41, numRuns: 500 },
    );
  });
});
