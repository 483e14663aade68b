import { describe, expect, it } from "vitest";
import { prepareProvider } from "./providers.ts";
import { createHmac } from "node:crypto";

const body = Buffer.from(JSON.stringify({ type: "invoice.paid", data: { note: "$& \ufffd \u0000" } }));
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
