import { createHmac } from "node:crypto";
import * as octokit from "@octokit/webhooks-methods";
import * as fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { generateSecret, parseSigningKey, sign, verify } from "./index.ts";
import { prepareProvider } from "./providers.ts";

const id = fc.stringMatching(/^[A-Za-z0-9_:/=+@-]{1,128}$/);
const text = fc.string({ unit: "grapheme", maxLength: 2000 });
/** The library reads the machine's clock, so these requests are of now. */
const now = Math.floor(Date.now() / 1000);

describe("standardwebhooks", () => {
  it("accepts what we sign", () => {
    fc.assert(
      fc.property(id, text, (id, text) => {
        const secret = generateSecret();
        const body = Buffer.from(text);
        const headers = sign({ id, timestamp: now, body, keys: [generateSecret(), secret] });
        expect(() => new Webhook(secret).verify(body, headers, { jsonParse: false })).not.toThrow();
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("signs what we accept, with the same signature", () => {
    fc.assert(
      fc.property(id, text, (id, text) => {
        const secret = generateSecret();
        const signature = new Webhook(secret).sign(id, new Date(now * 1000), text);
        const headers = {
          "webhook-id": id,
          "webhook-timestamp": String(now),
          "webhook-signature": signature,
        };
        const body = Buffer.from(text);
        expect(verify({ headers, body, keys: [secret], now })).toMatchObject({ ok: true });
        expect(sign({ id, timestamp: now, body, keys: [secret] })["webhook-signature"]).toBe(signature);
      }),
      { numRuns: 200, seed: 2 },
    );
  });
});

describe("verify, where standardwebhooks is too generous", () => {
  const secret = generateSecret();
  const library = new Webhook(secret);
  const headersFor = (timestamp: string, body: string) => {
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`evt_1.${timestamp}.${body}`).digest("base64");
    return { "webhook-id": "evt_1", "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
  };

  it("refuses an invalid byte in place of U+FFFD", () => {
    const headers = headersFor(String(now), '{"name":"\ufffd"}');
    const tampered = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(library.verify(tampered, headers)).toEqual({ name: "\ufffd" });
    expect(verify({ headers, body: tampered, keys: [secret], now })).toMatchObject({
      reason: "no_matching_key",
    });
  });

  it.each(["abc", ".9", " ", "e3"])("refuses a timestamp with %j behind it", (suffix) => {
    const headers = { ...headersFor(String(now), "{}"), "webhook-timestamp": `${now}${suffix}` };
    expect(library.verify("{}", headers)).toEqual({});
    expect(verify({ headers, body: Buffer.from("{}"), keys: [secret], now })).toMatchObject({
      reason: "malformed_header",
    });
  });

  it("refuses a key of three bytes", () => {
    expect(new Webhook("whsec_AAAA").sign("evt_1", new Date(), "{}")).toMatch(/^v1,/);
    expect(() => parseSigningKey("whsec_AAAA")).toThrow("24 to 64 bytes");
  });
});

describe("@octokit/webhooks-methods", () => {
  it("and the github row accept and refuse the same requests", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 80 }),
        text,
        fc.boolean(),
        async (secret, text, isGenuine) => {
          fc.pre(text !== "");
          const signature = await octokit.sign(isGenuine ? secret : `${secret}x`, text);
          const headers = {
            "x-hub-signature-256": signature,
            "x-github-delivery": "72d3162e",
            "x-github-event": "push",
          };
          const ours = prepareProvider("github", { secrets: [secret] }).verify({
            headers,
            body: Buffer.from(text),
          });
          expect(ours.ok).toBe(await octokit.verify(secret, text, signature));
          expect(ours.ok).toBe(isGenuine);
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });
});
