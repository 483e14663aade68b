import { describe, expect, it } from "vitest";
import { prepareProvider, type ProviderId } from "../providers.ts";
import { bodyOf, type PublishedVector } from "./published-vector.ts";
import { publishedVectors } from "./published-vectors.ts";

const verify = async ({ secrets, settings, ...vector }: PublishedVector, body = bodyOf(vector)) => {
  const id = vector.provider as ProviderId;
  const { headers, now, url, method = "POST" } = vector;
  return prepareProvider(id, { secrets, settings }).verify({ headers, body, now, url, method });
};

/** The body with one bit of one byte changed. */
const flipped = (body: Buffer, index: number) => {
  const changed = Buffer.from(body);
  changed[index] = (body[index] ?? 0) ^ 1;
  return changed;
};

describe("published vectors", () => {
  it.each(publishedVectors)("$provider verifies what was published at $source", async (vector) => {
    const { event } = vector;
    expect(await verify(vector)).toMatchObject({ ok: true, event: { provider: vector.provider, ...event } });
  });

  it.each(publishedVectors)("$provider refuses it with any byte of the body changed", async (vector) => {
    const body = bodyOf(vector);
    for (let index = 0; index < body.length; index++)
      expect(await verify(vector, flipped(body, index))).toMatchObject({ ok: false });
    expect(await verify(vector, body.subarray(1))).toMatchObject({ ok: false });
    expect(await verify(vector, Buffer.concat([body, Buffer.from(" ")]))).toMatchObject({ ok: false });
  });

  it("say where they were published", () => {
    for (const { source } of publishedVectors) expect(source).toMatch(/^https:\/\/[^ ]+$/);
  });
});
