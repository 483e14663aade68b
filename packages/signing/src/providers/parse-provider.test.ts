import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseProvider, prepareProvider, providers, ProviderRowError, type Provider } from "../providers.ts";

const shop = {
  kind: "hmac",
  id: "shop",
  digest: "sha256",
  secret: "utf8",
  signature: { from: "header", name: "X-Shop-Signature", encoding: "hex" },
  message: "{body}",
};

function problemsOf(given: unknown): readonly string[] {
  try {
    parseProvider(given);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ProviderRowError);
    return (error as ProviderRowError).problems.map(({ pointer }) => pointer);
  }
}

describe("parseProvider", () => {
  it("fills in the name and the naming of events, and puts header names in lower case", () => {
    const row = parseProvider({ ...shop, event: { id: [{ from: "header", name: "X-Id" }] } });
    expect(row).toEqual({
      ...shop,
      name: "shop",
      signature: { from: "header", name: "x-shop-signature", encoding: "hex" },
      event: { id: [{ from: "header", name: "x-id" }] },
    });
    const body = Buffer.from("{}");
    const headers = { "x-shop-signature": createHmac("sha256", "s").update(body).digest("hex"), "x-id": "1" };
    const { verify } = prepareProvider(row, { secrets: ["s"] });
    expect(verify({ headers, body })).toMatchObject({ ok: true, event: { provider: "shop", id: "1" } });
  });

  it("takes Standard Webhooks by its kind and id alone", () => {
    expect(parseProvider({ kind: "standard-webhooks", id: "mine" })).toMatchObject({
      name: "mine",
      headers: { id: "webhook-id" },
    });
  });

  it("reads every row there is, but for its handshakes", () => {
    for (const row of Object.values<Provider>(providers)) {
      const { handshakes: _, ...data } = row;
      expect(parseProvider(JSON.parse(JSON.stringify(data)))).toEqual(data);
    }
  });

  it("gives all problems at once, unknown members among them", () => {
    const given = {
      ...shop,
      id: "No Id",
      digest: "md5",
      signature: { from: "header", name: "a b", encoding: "hexx", prefix: "v1=" },
      message: "{body",
      colour: "red",
      event: { id: [{ from: "body", path: "a..b" }], typo: 1 },
      toleranceSeconds: -1,
    };
    expect(problemsOf(given).toSorted()).toEqual([
      "/colour",
      "/digest",
      "/event/id/0/path",
      "/event/typo",
      "/id",
      "/message",
      "/signature/encoding",
      "/signature/name",
      "/signature/prefix",
      "/toleranceSeconds",
    ]);
  });

  it.each([
    ["a message of literals only", { message: "POST" }],
    ["a timestamp that is not signed", { timestamp: { from: "header", name: "t", unit: "s" } }],
    ["a timestamp that is signed but never read", { message: "{timestamp}{body}" }],
    ["an unknown hole", { message: "{body}{bodi}" }],
    ["a setting that is not described", { message: "{body}{setting:url}" }],
    [
      "a timestamp in a field that the format does not have",
      { timestamp: { from: "signature", name: "t", unit: "s" }, message: "{timestamp}{body}" },
    ],
  ])("refuses a row that could not protect a request: %s", (_, change) => {
    expect(problemsOf({ ...shop, ...change })).not.toEqual([]);
  });

  it.each([undefined, null, 1, "hmac", [], { kind: "__proto__", id: "a" }, { kind: "toString" }])(
    "refuses what is no row: %j",
    (given) => {
      expect(problemsOf(given)).not.toEqual([]);
    },
  );

  it("reads no member from a prototype, and makes none there", () => {
    const given = JSON.parse(
      '{"kind":"hmac","id":"a","__proto__":{"digest":"sha256"},"settings":{"__proto__":{"expected":"x"}}}',
    );
    expect(problemsOf(given)).toContain("/__proto__");
    expect(({} as Record<string, unknown>)["expected"]).toBeUndefined();
  });

  it("throws nothing but its own error, and repeats nothing that came", () => {
    const keys = fc.constantFrom(
      ...Object.keys(shop),
      "event",
      "settings",
      "timestamp",
      "batch",
      "kind",
      "from",
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("hmac", "token", "header", "{body}", "s3cr3t-value", 1, null, true),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(keys, tie("node"), { maxKeys: 6 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(keys, value), (change) => {
        try {
          parseProvider({ ...shop, ...change });
        } catch (error) {
          expect(error).toBeInstanceOf(ProviderRowError);
          expect(String(error)).not.toContain("s3cr3t");
        }
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});
