import { Webhook as Original } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { Webhook, WebhookVerificationError } from "./compat.ts";
import { generateSecret, KeyError } from "./index.ts";

const secret = generateSecret();
const base64 = secret.slice("whsec_".length);
const raw = Buffer.from(base64, "base64");
const date = new Date();
const payload = '{"name":"é"}';
const headersOf = (signature: string) => ({
  "webhook-id": "evt_1",
  "webhook-timestamp": String(Math.floor(date.getTime() / 1000)),
  "webhook-signature": signature,
});

describe("Webhook", () => {
  it.each([
    { form: "with prefix", key: secret, options: {} },
    { form: "without prefix", key: base64, options: {} },
    { form: "of raw bytes", key: raw, options: { format: "raw" } as const },
    { form: "in a raw string", key: raw.toString("latin1"), options: { format: "raw" } as const },
  ])("signs and verifies as the original does, with a secret $form", ({ key, options }) => {
    const [ours, original] = [new Webhook(key, options), new Original(key, options)];
    expect(ours.sign("evt_1", date, payload)).toBe(original.sign("evt_1", date, payload));
    const headers = headersOf(original.sign("evt_1", date, payload));
    for (const body of [payload, Buffer.from(payload)]) {
      expect(ours.verify(body, headers)).toEqual(original.verify(body, headers));
      expect(ours.verify(body, headers, { jsonParse: false })).toBeUndefined();
    }
  });

  it("gives nothing for an empty body, as the original does", () => {
    const headers = headersOf(new Original(secret).sign("evt_1", date, ""));
    expect(new Webhook(secret).verify("", headers)).toBeUndefined();
  });

  it("throws an error with the reason where the original throws one", () => {
    const headers = headersOf(new Original(secret).sign("evt_1", date, payload));
    const other = new Webhook(generateSecret());
    expect(() => other.verify(payload, headers)).toThrow(WebhookVerificationError);
    expect(() => other.verify(payload, headers)).toThrow(
      expect.objectContaining({ reason: "no_matching_key" }),
    );
    expect(() => other.verify(payload, {})).toThrow(expect.objectContaining({ reason: "missing_header" }));
  });

  it("refuses what the original takes: a short key, and bytes that only look alike in a string", () => {
    expect(() => new Webhook("whsec_AAAA")).toThrow(KeyError);
    const headers = headersOf(new Original(secret).sign("evt_1", date, '"\ufffd"'));
    const tampered = Buffer.from([0x22, 0xff, 0x22]);
    expect(new Original(secret).verify(tampered, headers)).toBe("\ufffd");
    expect(() => new Webhook(secret).verify(tampered, headers)).toThrow(WebhookVerificationError);
  });
});
