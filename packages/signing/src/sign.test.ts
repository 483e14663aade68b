import { describe, expect, it } from "vitest";
import { generateSecret, generateTestHeaders, KeyError, publicKeyOf, sign, verify } from "./index.ts";

const secret = generateSecret();
const body = Buffer.from("{}");

describe("sign", () => {
  it("reads a Date, seconds and milliseconds as the same time", () => {
    const times = [new Date(1_795_220_135_999), 1_795_220_135, 1_795_220_135.9, 1_795_220_135_999];
    for (const timestamp of times) {
      expect(sign({ id: "a", timestamp, body, keys: [secret] })["webhook-timestamp"]).toBe("1795220135");
    }
  });

  it.each([Number.NaN, -1, Infinity, new Date(Number.NaN), 1e18])("refuses %s as a time", (timestamp) => {
    expect(() => sign({ id: "a", timestamp, body, keys: [secret] })).toThrow(RangeError);
  });

  it.each(["", "a.b", "a b", "ü", "a\n", 'a"b', "a".repeat(129)])("refuses the id %j", (id) => {
    expect(() => sign({ id, timestamp: 1, body, keys: [secret] })).toThrow(TypeError);
  });

  it.each([{ type: "invoice.paid" }, [1, 2], null, undefined, 7, new ArrayBuffer(2)])(
    "refuses %j as a body",
    (body) => {
      const given = body as unknown as Uint8Array;
      expect(() => sign({ id: "a", timestamp: 1, body: given, keys: [secret] })).toThrow(TypeError);
    },
  );

  it("refuses no keys and more than ten", () => {
    expect(() => sign({ id: "a", timestamp: 1, body, keys: [] })).toThrow(KeyError);
    expect(() => sign({ id: "a", timestamp: 1, body, keys: Array(11).fill(secret) })).toThrow(KeyError);
  });

  it("signs with every key, in order, so that receivers with any of them verify", () => {
    const privateKey = generateSecret("v1a");
    const other = generateSecret();
    const headers = sign({ id: "a", timestamp: 1, body, keys: [secret, privateKey, other] });
    const schemes = headers["webhook-signature"].split(" ").map((signature) => signature.split(",")[0]);
    expect(schemes).toEqual(["v1", "v1a", "v1"]);
    for (const key of [secret, publicKeyOf(privateKey), other]) {
      expect(verify({ headers, body, keys: [key], now: 1 })).toMatchObject({ ok: true, keyIndex: 0 });
    }
  });
});

describe("generateTestHeaders", () => {
  it("makes the headers of a genuine request of now, with a new id each time", () => {
    const headers = generateTestHeaders({ body, secret });
    expect(verify({ headers, body, keys: [secret] })).toMatchObject({ ok: true });
    expect(generateTestHeaders({ body, secret })["webhook-id"]).not.toBe(headers["webhook-id"]);
  });

  it("takes the id and the time of the caller", () => {
    expect(generateTestHeaders({ id: "evt_1", timestamp: 5, body, secret })).toMatchObject({
      "webhook-id": "evt_1",
      "webhook-timestamp": "5",
    });
  });
});
