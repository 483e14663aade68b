import { createHmac } from "node:crypto";
import { describe, expect, expectTypeOf, it } from "vitest";
import { generateSecret, generateTestHeaders, KeyError } from "../index.ts";
import type { VerifiedEvent } from "../index.ts";
import { findProvider, prepareProvider, providers, verifyProvider } from "../providers.ts";
import type {
  HmacProvider,
  Provider,
  ProviderId,
  ProviderVerification,
  StandardProvider,
  VerifiedProviderEvent,
} from "../providers.ts";

const body = Buffer.from('{"type":"invoice.paid"}');

/** A made-up provider that uses every part of an HMAC row. */
const example: HmacProvider = {
  kind: "hmac",
  id: "example",
  name: "Example",
  documentation: "https://example.com/webhooks",
  digest: "sha512",
  secret: "hex",
  signature: {
    from: "header",
    name: "x-signature",
    format: { kind: "prefix", prefix: "v0=" },
    encoding: "base64",
  },
  message: "v0:{timestamp}·{header:x-id}:{body}",
  timestamp: { from: "header", name: "x-timestamp", unit: "s" },
  event: { id: [{ from: "header", name: "x-id" }], type: { from: "header", name: "x-type" } },
};

describe("prepareProvider", () => {
  it("refuses everything as key_unavailable when there are no secrets", async () => {
    for (const row of Object.values(providers)) {
      if (row.kind === "adapter" || row.kind === "jwt") continue;
      const { verify } = prepareProvider(row, { secrets: [], settings: settingsOf(row) });
      expect(await verify({ headers: {}, body })).toMatchObject({ reason: "key_unavailable" });
    }
  });

  it.each([
    ["github", { "x-hub-signature-256": "sha256=abc" }, "sha256=… in lower-case hex."],
    ["stripe", { "stripe-signature": "t=1,v1=zz" }, 'v1=… in lower-case hex, fields separated by ",".'],
    ["shopify", { "x-shopify-hmac-sha256": "a" }, ": … in base64."],
  ] as const)("says which form the signature of %s should have", (id, headers, form) => {
    const result = prepareProvider(id, { secrets: ["x"] }).verify({ headers, body });
    expect(result).toMatchObject({ reason: "malformed_header", hint: expect.stringContaining(form) });
  });

  it("throws for a secret that is none and a provider it does not know, repeating neither", () => {
    expect(() => prepareProvider("standard-webhooks", { secrets: ["hunter2"] })).toThrow(KeyError);
    for (const blank of ["", " \t ", "\n"])
      expect(() => prepareProvider("github", { secrets: [blank] })).toThrow(KeyError);
    expect(() => prepareProvider(example, { secrets: ["xyz"] })).toThrow(KeyError);
    for (const id of ["toString", "__proto__", "", "x".repeat(1e5)]) {
      expect(() => prepareProvider(id as ProviderId, { secrets: [] })).toThrow(/Nearest: [a-z0-9, -]+\.$/);
    }
    expect(() => prepareProvider("githup" as ProviderId, { secrets: [] })).toThrow(/Nearest: github,/);
  });

  it("throws for secrets that are no list, saying what came and repeating nothing", () => {
    const misspelt = { secret: "hunter2" } as object as { readonly secrets: string[] };
    expect(() => prepareProvider("github", misspelt)).toThrow("a list of texts, received nothing.");
    const text = { secrets: "hunter2" } as object as { readonly secrets: string[] };
    expect(() => prepareProvider("github", text)).toThrow(
      "a list of texts, received a value of type string.",
    );
  });

  it("throws for a row that could not protect a request: body unsigned, timestamp unsigned or unread", () => {
    const { timestamp: _, ...withoutTimestamp } = example;
    const rows: HmacProvider[] = [
      { ...example, message: "a literal" },
      { ...example, message: "{body}" },
      withoutTimestamp,
    ];
    for (const row of rows) expect(() => prepareProvider(row, { secrets: ["00ff"] })).toThrow(TypeError);
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
      event: {
        provider: "example",
        id: "id-1",
        idFrom: "provider",
        idCovered: true,
        type: "paid",
        timestamp: 1000,
        body,
      },
      keyIndex: 0,
      covered: "signature",
    });
    expect(verify({ headers, body, now: 1006 })).toMatchObject({ reason: "timestamp_too_old" });
    expect(verify({ headers: { ...headers, "X-Id": "id-2" }, body, now: 1000 })).toMatchObject({
      reason: "no_matching_key",
    });
  });

  it("takes no header that could end elsewhere in what is signed", () => {
    const { verify } = prepareProvider("polar", { secrets: ["secret"] });
    const verifySplit = (id: string, now: number, text: string) => {
      const signature = createHmac("sha256", "secret").update(`${id}.${now}.${text}`).digest("base64");
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": String(now),
        "webhook-signature": `v1,${signature}`,
      };
      return verify({ headers, body: Buffer.from(text), now });
    };
    expect(verifySplit("evt_1", 1000, '{"note":".2000.{}"}')).toMatchObject({ event: { id: "evt_1" } });
    expect(verifySplit('evt_1.1000.{"note":"', 2000, '{}"}')).toMatchObject({ reason: "malformed_header" });
  });

  it("takes no body that could begin or end elsewhere in what is signed", () => {
    const { verify } = prepareProvider("framer", { secrets: ["secret"] });
    const signature = createHmac("sha256", "secret").update('{"a":{}}form-1').digest("hex");
    const verifySplit = (text: string, id: string) =>
      verify({
        headers: { "framer-signature": `sha256=${signature}`, "framer-webhook-submission-id": id },
        body: Buffer.from(text),
      });
    expect(verifySplit('{"a":{}}', "form-1")).toMatchObject({ ok: true });
    expect(verifySplit('{"a":{}', "}form-1")).toMatchObject({ reason: "malformed_header" });
    expect(verifySplit('{"a":{}}form-', "1")).toMatchObject({ reason: "malformed_header" });
  });

  it("reads Standard Webhooks under other header names", () => {
    const row: StandardProvider = {
      kind: "standard-webhooks",
      id: "svix",
      name: "Svix",
      documentation: "https://docs.svix.com",
      event: {},
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

  it("refuses a parsed body for every provider", async () => {
    for (const row of [...Object.values(providers), example]) {
      if (row.kind === "adapter" || row.kind === "jwt") continue;
      const parsed = JSON.parse(body.toString()) as Uint8Array;
      const result = verifyProvider(row, {
        secrets: [],
        settings: settingsOf(row),
        headers: {},
        body: parsed,
      });
      expect(await result).toMatchObject({ reason: "body_already_parsed" });
    }
  });

  it("throws for a setting that is missing, and for one that the row does not know", () => {
    expect(() => prepareProvider("square", { secrets: ["x"] })).toThrow(/setting notificationUrl of Square/);
    const settings = { notificationUrl: "https://example.com", url: "x" };
    expect(() => prepareProvider("square", { secrets: ["x"], settings })).toThrow(/there is notificationUrl/);
    expect(() => prepareProvider("github", { secrets: ["x"], settings })).toThrow(/there is none/);
  });

  it("finds rows by their aliases and with underscores", () => {
    expect(findProvider("whatsapp").id).toBe("meta");
    expect(findProvider("aws_sns").id).toBe("aws-sns");
  });

  it("says by type which rows verify at once", () => {
    expectTypeOf(
      prepareProvider("github", { secrets: ["x"] }).verify,
    ).returns.toEqualTypeOf<ProviderVerification>();
    const { verify } = prepareProvider("paypal", { secrets: [], settings: { webhookId: "1" } });
    expectTypeOf(verify).returns.toEqualTypeOf<ProviderVerification | Promise<ProviderVerification>>();
  });
});

function settingsOf({ settings = {} }: Provider): Record<string, string> {
  const needed = Object.entries(settings).filter(([, { required }]) => required);
  return Object.fromEntries(needed.map(([name]) => [name, "x-setting"]));
}

describe("providers", () => {
  it("names every row by its own id and its headers in lower case", () => {
    for (const [id, row] of Object.entries(providers)) {
      expect(row.id).toBe(id);
      expect(JSON.stringify(row).match(/"from":"header","name":"[^"]*[A-Z]/)).toBeNull();
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
