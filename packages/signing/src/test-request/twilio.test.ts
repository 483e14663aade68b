import { describe, expect, it } from "vitest";
import { validateRequest, validateRequestWithBody } from "twilio/lib/webhooks/webhooks.js";
import { generateTestRequest } from "./test-request.ts";
import { verifyProvider } from "../providers/prepare.ts";
import { providers } from "../providers/rows.ts";

const secret = "12345678901234567890123456789012";
const url = "https://example.com/in?a=1";

describe("generateTestRequest, of Twilio", () => {
  it("signs a form as Twilio's library reads it, and as we do", async () => {
    const body = "Body=Hello+W%C3%B6rld&From=%2B1&Media=b&Media=a&Media=b&A=";
    const request = generateTestRequest(providers.twilio, { secret, body, url });
    const fields = { Body: "Hello Wörld", From: "+1", Media: ["b", "a", "b"], A: "" };
    const signature = request.headers["x-twilio-signature"] ?? "";
    expect(validateRequest(secret, signature, request.url, fields)).toBe(true);
    expect(await verifyProvider("twilio", { ...request, secrets: [secret] })).toMatchObject({ ok: true });
  });

  it("signs JSON by its hash in the URL", async () => {
    const body = '{"a":"é"}';
    const request = generateTestRequest(providers.twilio, { secret, body, url });
    expect(request.url).toMatch(/^https:\/\/example\.com\/in\?a=1&bodySHA256=[0-9a-f]{64}$/);
    const signature = request.headers["x-twilio-signature"] ?? "";
    expect(validateRequestWithBody(secret, signature, request.url, body)).toBe(true);
    expect(await verifyProvider("twilio", { ...request, secrets: [secret] })).toMatchObject({ ok: true });
  });

  it("signs the URL that a setting stands in for", async () => {
    const settings = { notificationUrl: "https://outside.example/in" };
    const request = generateTestRequest(providers.twilio, { secret, body: "a=1", url, settings });
    const within = { ...request, url: "http://10.0.0.1/in", secrets: [secret], settings };
    expect(await verifyProvider("twilio", within)).toMatchObject({ ok: true });
  });
});
