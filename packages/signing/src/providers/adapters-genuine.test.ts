import { createHash, createHmac } from "node:crypto";
import adyen from "@adyen/api-library";
import * as fc from "fast-check";
import { SignJWT } from "jose";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import type { AdapterOptions } from "./adapter.ts";
import { createAdyenAttest } from "./adyen.ts";
import { createHttpMessageAttest } from "./http-message-signature.ts";
import { createTokenAttest } from "./jwt.ts";
import { createTwilioAttest } from "./twilio.ts";

const nowSeconds = 1_795_220_135;
const secret = "a secret that both sides have";
const optionsOf = (key: string): AdapterOptions => ({ name: "it", secrets: [key], settings: {} });
const many = { seed: 23, numRuns: 10_000 };

describe("10,000 genuine requests", () => {
  it("of Twilio, signed by its library, are accepted", () => {
    const attest = createTwilioAttest(optionsOf(secret));
    // Twilio's library sorts by UTF-16, we by bytes: the same but for names beyond the basic plane, which it has none of.
    const name = fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/);
    const fields = fc.dictionary(
      name,
      fc.oneof(fc.string({ unit: "grapheme" }), fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 3 })),
    );
    const path = fc.webPath();
    fc.assert(
      fc.property(fields, path, (values, path) => {
        const parameters = new URLSearchParams();
        for (const [key, value] of Object.entries(values)) {
          for (const one of [value].flat()) parameters.append(key, one);
        }
        const url = `https://hooks.example.com${path}`;
        const signature = getExpectedTwilioSignature(secret, url, values);
        const headers = {
          "x-twilio-signature": signature,
          "content-type": "application/x-www-form-urlencoded",
        };
        expect(attest({ headers, url, body: Buffer.from(parameters.toString()), nowSeconds })).toMatchObject({
          ok: true,
        });
      }),
      many,
    );
  });

  it("of Adyen, signed by its library, are accepted", () => {
    const key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    const attest = createAdyenAttest(optionsOf(key));
    const validator = new adyen.hmacValidator();
    const text = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll(":", ""));
    const item = fc.record({
      amount: fc.record({ currency: fc.constantFrom("EUR", "JPY"), value: fc.maxSafeInteger() }),
      eventCode: text,
      merchantAccountCode: text,
      merchantReference: fc.string({ unit: "grapheme" }),
      originalReference: text,
      pspReference: text,
      success: fc.constantFrom("true", "false"),
    });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 3 }), (items) => {
        const notificationItems = items.map((one) => {
          // The library's type asks for more members than are signed.
          const hmacSignature = validator.calculateHmac(
            one as unknown as Parameters<typeof validator.validateHMAC>[0],
            key,
          );
          return { NotificationRequestItem: { ...one, additionalData: { hmacSignature } } };
        });
        const body = Buffer.from(JSON.stringify({ notificationItems }));
        expect(attest({ headers: {}, body, nowSeconds })).toMatchObject({ ok: true });
      }),
      many,
    );
  });

  it("with a token of jose are accepted", async () => {
    const policy = {
      name: "it",
      algorithms: ["HS256"],
      token: { from: "header", name: "x-token" },
      bodyHash: { claim: "sha256", encoding: "hex" },
    } as const;
    const attest = createTokenAttest(policy, optionsOf(secret));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.dictionary(fc.string(), fc.jsonValue()), async (bytes, others) => {
        const { iat: _, exp: __, nbf: ___, ...claims } = others;
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        const token = await new SignJWT({ ...(claims as object), sha256, iat: nowSeconds })
          .setProtectedHeader({ alg: "HS256" })
          .sign(Buffer.from(secret));
        expect(await attest({ headers: { "x-token": token }, body: bytes, nowSeconds })).toMatchObject({
          ok: true,
        });
      }),
      many,
    );
  });

  it("of RFC 9421 are accepted", async () => {
    const attest = createHttpMessageAttest(
      { name: "it", components: ["@method", "@target-uri"], secret: "utf8" },
      optionsOf(secret),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array(),
        fc.webPath(),
        fc.stringMatching(/^[!-~]{0,20}$/),
        async (bytes, path, value) => {
          const url = `https://hooks.example.com${path === "" ? "/" : path}`;
          const digest = `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
          const input = `("@method" "@target-uri" "content-digest" "x-value");created=${nowSeconds}`;
          const base = `"@method": POST\n"@target-uri": ${url}\n"content-digest": ${digest}\n"x-value": ${value}\n"@signature-params": ${input}`;
          const signature = createHmac("sha256", secret).update(base).digest("base64");
          const headers = {
            "content-digest": digest,
            "x-value": value,
            "signature-input": `sig=${input}`,
            signature: `sig=:${signature}:`,
          };
          expect(await attest({ headers, method: "POST", url, body: bytes, nowSeconds })).toMatchObject({
            ok: true,
          });
        },
      ),
      many,
    );
  });
});
