import { createHmac } from "node:crypto";
import { describe, expect, expectTypeOf, it } from "vitest";
import { generateSecret, generateTestHeaders, KeyError } from "../index.ts";
import type { VerifiedEvent } from "../index.ts";
import { prepareProvider, providers, verifyProvider } from "../providers.ts";
import type { HmacProvider, ProviderId, StandardProvider, VerifiedProviderEvent } from "../providers.ts";

const body = Buffer.from('{"type":"invoice.paid"}');

/** A made-up provider that uses every part of an HMAC row. */
const example: HmacProvider = {
  kind: "hmac",
  id: "example",
  name: "Example",
  digest: "sha512",
  secret: "hex",
  signature: { header: "x-signature", prefix: "v0=", encoding: "base64" },
  message: [
    { literal: "v0:" },
    { from: "timestamp" },
    { literal: "·" },
    { from: "id" },
    { literal: ":" },
    { from: "body" },
  ],
  timestamp: { header: "x-timestamp" },
  event: { id: { header: "x-id" }, type: { header: "x-type" } },
};

describe("prepareProvider", () => {
  it("refuses everything as key_unavailable when there are no secrets", () => {
    for (const id of Object.keys(providers) as ProviderId[]) {
      const { verify } = prepareProvider(id, { secrets: [] });
      expect(verify({ headers: {}, body })).toMatchObject({ reason: "key_unavailable" });
    }
  });

  it("throws for a secret that is none and a provider it does not know, repeating neither", () => {
    expect(() => prepareProvider("standard-webhooks", { secrets: ["hunter2"] })).toThrow(KeyError);
    expect(() => prepareProvider("github", { secrets: [""] })).toThrow(KeyError);
    expect(() => prepareProvider(example, { secrets: ["xyz"] })).toThrow(KeyError);
    expect(() => prepareProvider("toString" as ProviderId, { secrets: [] })).toThrow(
      /Known: standard-webhooks, github/,
    );
  });

  it("throws for a row that could not protect a request: body unsigned, timestamp unsigned or unread", () => {
    const { timestamp, ...withoutTimestamp } = example;
    const rows: HmacProvider[] = [
      { ...example, message: [{ from: "timestamp" }] },
      { ...example, message: [{ from: "body" }] },
      withoutTimestamp,
    ];
    for (const row of rows) expect(() => prepareProvider(row, { secrets: ["00ff"] })).toThrow(TypeError);
    expect(timestamp).toBeDefined();
  });

  it("throws for a tolerance that is none before any request comes", () => {
    for (const toleranceSeconds of [-1, Number.NaN, Infinity]) {
      expect(() => prepareProvider("github", { secrets: ["x"], toleranceSeconds })).toThrow(RangeError);
    }
  });

  it("builds an HMAC message from its parts as bytes", () => {
    const key = Buffer.from("00ff", "hex");
    const signature = createHmac("sha512", key).update("v0:1000·id-1:").update(body).digest("base64");
    const headers = {
      "X-Signature": `v0=${signature}`,
      "X-Timestamp": "1000",
      "X-Id": "id-1",
      "X-Type": "paid",
    };
    const { verify } = prepareProvider(example, { secrets: ["00ff"], toleranceSeconds: 5 });
    expect(verify({ headers, body, now: 1005 })).toEqual({
      ok: true,
      event: { provider: "example", id: "id-1", type: "paid", timestamp: 1000, body },
      keyIndex: 0,
      covered: "signature",
    });
    expect(verify({ headers, body, now: 1006 })).toMatchObject({ reason: "timestamp_too_old" });
    expect(verify({ headers: { ...headers, "X-Id": "id-2" }, body, now: 1000 })).toMatchObject({
      reason: "no_matching_key",
    });
  });

  it("reads Standard Webhooks under other header names", () => {
    const row: StandardProvider = {
      kind: "standard-webhooks",
      id: "svix",
      name: "Svix",
      headers: { id: "svix-id", timestamp: "svix-timestamp", signature: "svix-signature" },
    };
    const secret = generateSecret();
    const standard = generateTestHeaders({ body, secret });
    const renamed = Object.entries(standard).map(
      ([name, value]) => [name.replace("webhook", "svix"), value] as const,
    );
    const { verify } = prepareProvider(row, { secrets: [secret] });
    expect(verify({ headers: Object.fromEntries(renamed), body })).toMatchObject({
      ok: true,
      event: { provider: "svix" },
    });
    expect(verify({ headers: { ...standard }, body })).toMatchObject({ reason: "missing_header" });
  });

  it("refuses a parsed body for every provider", () => {
    for (const provider of [...Object.values(providers), example]) {
      const secrets = [provider.kind === "hmac" ? "00ff" : generateSecret()];
      const parsed = JSON.parse(body.toString()) as Uint8Array;
      const result = verifyProvider(provider, { secrets, headers: {}, body: parsed });
      expect(result).toMatchObject({ reason: "body_already_parsed" });
    }
  });
});

describe("providers", () => {
  it("names every row by its own id and its headers in lower case", () => {
    for (const [id, row] of Object.entries(providers)) {
      expect(row.id).toBe(id);
      expect(JSON.stringify(row).match(/"header":"[^"]*[A-Z]/)).toBeNull();
    }
  });
});

describe("VerifiedProviderEvent", () => {
  it("is neither written by hand nor the same as a VerifiedEvent", () => {
    expectTypeOf<VerifiedProviderEvent>().not.toExtend<VerifiedEvent>();
    // @ts-expect-error only a provider's verification makes one
    const forged: VerifiedProviderEvent = {
      provider: "github",
      id: "a",
      type: undefined,
      timestamp: 1,
      body,
    };
    expect(forged.id).toBe("a");
  });
});
