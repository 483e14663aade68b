import { describe, expect, it } from "vitest";
import { prepareProvider } from "./providers.ts";
import { generateSecret, parseVerifyingKey, publicKeyOf, sign, verify } from "./index.ts";
import { createHmac } from "node:crypto";

const now = 1_795_220_135;
const body = Buffer.from(JSON.stringify({ type: "invoice.paid", data: { note: "$& \ufffd \u0000" } }));
/** Four parts are changed, each so often: 100,000 changes for `v1`. */
const rounds = 25_000;

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

function flipBit(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

/** Flips one bit of a text, as the latin1 characters that HTTP carries. */
function flipText(text: string, roll: (sides: number) => number): string {
  return flipBit(Buffer.from(text, "latin1"), roll(text.length * 8)).toString("latin1");
}

describe.each(["v1", "v1a"] as const)("verify, %s, after a change of one bit", (scheme) => {
  const secret = generateSecret(scheme);
  const verifying = scheme === "v1" ? secret : publicKeyOf(secret);
  const headers: Record<string, string> = {
    ...sign({ id: "evt_01JD3Q4Z", timestamp: now, body, keys: [secret] }),
  };
  const keys = [parseVerifyingKey(verifying)];
  const count = scheme === "v1" ? rounds : rounds / 50;

  it("accepts the request as it was", () => {
    expect(verify({ headers, body, keys, now }).ok).toBe(true);
  });

  it.each(["webhook-id", "webhook-timestamp", "webhook-signature"])("refuses every change of %s", (name) => {
    const roll = createDice(7);
    const accepted = Array.from({ length: count }, () => flipText(headers[name]!, roll)).filter(
      (value) =>
        verify({ headers: { ...headers, [name]: value }, body, keys, now, toleranceSeconds: 1e12 }).ok,
    );
    expect(accepted).toEqual([]);
  });

  it("refuses every change of the body, and every length of it but its own", () => {
    const roll = createDice(11);
    const changed = Array.from({ length: count }, () => flipBit(body, roll(body.length * 8)));
    const cut = Array.from(body.keys(), (length) => body.subarray(0, length));
    const longer = [
      Buffer.concat([body, Buffer.from([0])]),
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
    ];
    const accepted = [...changed, ...cut, ...longer].filter(
      (body) => verify({ headers, body, keys, now }).ok,
    );
    expect(accepted).toEqual([]);
  });

  it("refuses every change of the key", () => {
    const at = verifying.indexOf("_") + 1;
    const raw = Buffer.from(verifying.slice(at), "base64");
    const others = Array.from(
      { length: raw.length * 8 },
      (_, bit) => verifying.slice(0, at) + flipBit(raw, bit).toString("base64"),
    );
    const accepted = others.filter((key) => verify({ headers, body, keys: [key], now }).ok);
    expect(accepted).toEqual([]);
  });
});

describe("prepareProvider, github, after a change of one bit", () => {
  const secret = "It's a Secret to Everybody";
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const headers: Record<string, string> = {
    "x-hub-signature-256": signature,
    "x-github-delivery": "72d3162e-cc78",
  };
  const { verify } = prepareProvider("github", { secrets: [secret] });

  it("accepts the request as it was and refuses every change of signature and body", () => {
    expect(verify({ headers, body }).ok).toBe(true);
    const roll = createDice(13);
    let accepted = 0;
    for (let round = 0; round < rounds; round++) {
      const changed = { ...headers, "x-hub-signature-256": flipText(signature, roll) };
      if (verify({ headers: changed, body }).ok) accepted++;
      if (verify({ headers, body: flipBit(body, roll(body.length * 8)) }).ok) accepted++;
    }
    expect(accepted).toBe(0);
  });
});
