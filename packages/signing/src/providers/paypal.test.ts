import { generateKeyPairSync, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import { makeCertificate } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import type { AdapterOptions } from "./adapter.ts";
import { createPaypalAttest } from "./paypal.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = makeCertificate({ key: privateKey, commonName: "messageverificationcerts.paypal.com" });
const now = Date.UTC(2026, 10, 20, 12) / 1000;
const body = Buffer.from('{"id":"WH-1","event_type":"PAYMENT.SALE.COMPLETED"}');
const webhookId = "9XL90610J3647323C";
const options: AdapterOptions = {
  name: "PayPal",
  secrets: [],
  settings: { webhookId },
  fetchKey: () => Promise.resolve(pem),
};

/** Signs as PayPal documents it. */
function headersOf(id = webhookId, signedBody = body): Record<string, string> {
  const transmission = "d938e770-8046-11e6-8103-6b62a8a99ac4";
  const time = "2026-11-20T12:00:00Z";
  const message = `${transmission}|${time}|${id}|${crc32(signedBody)}`;
  return {
    "paypal-transmission-id": transmission,
    "paypal-transmission-time": time,
    "paypal-transmission-sig": sign("sha256", Buffer.from(message), privateKey).toString("base64"),
    "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
    "paypal-auth-algo": "SHA256withRSA",
  };
}
const attest = (headers: Record<string, string | string[]>, changed = body, nowSeconds = now) =>
  createPaypalAttest(options)({ headers, body: changed, nowSeconds });

describe("createPaypalAttest", () => {
  it("accepts a notification for three days", async () => {
    expect(await attest(headersOf())).toMatchObject({ ok: true, covered: "token", timestamp: now });
    expect(await attest(headersOf(), body, now + 259_200)).toMatchObject({ ok: true });
    expect(await attest(headersOf(), body, now + 259_201)).toMatchObject({ reason: "timestamp_too_old" });
  });

  it("refuses a notification to another webhook, and another body", async () => {
    expect(await attest(headersOf("OTHER"))).toMatchObject({ reason: "no_matching_key" });
    expect(await attest(headersOf(), Buffer.from("{}"))).toMatchObject({ reason: "no_matching_key" });
  });

  it.each<[string, string, string]>([
    ["paypal-cert-url", "https://api.paypal.com.evil/v1/notifications/certs/CERT-a", "malformed_header"],
    ["paypal-cert-url", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-a", "malformed_header"],
    ["paypal-cert-url", "https://api.paypal.com/v1/notifications/certs/CERT-a/../../x", "malformed_header"],
    ["paypal-auth-algo", "SHA1withRSA", "unknown_scheme"],
    ["paypal-auth-algo", "none", "unknown_scheme"],
    ["paypal-transmission-time", "2026-11-20 12:00:00Z", "malformed_header"],
    ["paypal-transmission-time", `${now}`, "malformed_header"],
    ["paypal-transmission-id", "a|b", "malformed_header"],
    ["paypal-transmission-sig", "", "malformed_header"],
    ["paypal-transmission-sig", "AAAA", "no_matching_key"],
  ])("refuses %s: %s", async (name, value, reason) => {
    expect(await attest({ ...headersOf(), [name]: value })).toMatchObject({ reason });
  });

  it("needs each header, once", async () => {
    for (const [name, value] of Object.entries(headersOf())) {
      const { [name]: _, ...without } = headersOf();
      expect(await attest(without)).toMatchObject({ reason: "missing_header" });
      expect(await attest({ ...headersOf(), [name]: [value, value] })).toMatchObject({
        reason: "malformed_header",
      });
    }
  });

  it("refuses a certificate in another name", async () => {
    const other = makeCertificate({ key: privateKey, commonName: "www.paypal.com" });
    const verify = createPaypalAttest({ ...options, fetchKey: () => Promise.resolve(other) });
    expect(await verify({ headers: headersOf(), body, nowSeconds: now })).toMatchObject({
      reason: "key_unavailable",
    });
  });

  it("refuses every change of one bit of the body (all), the signature and the other headers (3,000)", async () => {
    const verify = createPaypalAttest(options);
    const accepted: string[] = [];
    for (let bit = 0; bit < body.length * 8; bit++) {
      const changed = Buffer.from(body);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      if ((await verify({ headers: headersOf(), body: changed, nowSeconds: now })).ok)
        accepted.push(`body ${bit}`);
    }
    const headers = headersOf();
    for (let round = 0; round < 3_000; round++) {
      const names = [
        "paypal-transmission-id",
        "paypal-transmission-time",
        "paypal-transmission-sig",
        "paypal-auth-algo",
      ];
      const name = names[round % 4]!;
      const changed = Buffer.from(headers[name]!);
      const bit = (round * 2_654_435_761) % (changed.length * 8);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const request = { headers: { ...headers, [name]: changed.toString("latin1") }, body, nowSeconds: now };
      if ((await verify(request)).ok) accepted.push(`${name} ${bit}`);
    }
    expect(accepted).toEqual([]);
  });

  it("needs its settings", () => {
    expect(() => createPaypalAttest({ ...options, settings: {} })).toThrow(/webhookId/);
    expect(() => createPaypalAttest({ ...options, settings: { webhookId, environment: "evil" } })).toThrow(
      TypeError,
    );
  });
});
