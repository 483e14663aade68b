import { describe, expect, it } from "vitest";
import { prepareProvider, type ProviderId } from "./providers.ts";
import type { RequestHeaders } from "./headers.ts";
import * as node from "./index.ts";
import * as portable from "./portable.ts";
import file from "./vectors.json" with { type: "json" };
import * as web from "./web.ts";

interface Vector {
  readonly name: string;
  readonly source: string;
  readonly provider: ProviderId;
  readonly secrets: readonly string[];
  readonly signWith?: readonly string[];
  readonly now?: number;
  readonly headers: RequestHeaders;
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly expect:
    | {
        readonly ok: true;
        readonly id: string;
        readonly timestamp?: number;
        readonly type?: string;
        readonly keyIndex: number;
      }
    | { readonly ok: false; readonly reason: string };
}

// The file is data for any language; here it gets the type its description gives it.
const vectors = file.vectors as unknown as readonly Vector[];
const standard = vectors.filter((vector) => vector.provider === "standard-webhooks");

describe("vectors.json", () => {
  it.each(vectors)("names its source and is verified as it says: $name", async (vector) => {
    expect(vector.source).not.toBe("");
    const { secrets, headers, now } = vector;
    const result = await prepareProvider(vector.provider, { secrets }).verify({
      headers,
      body: bodyOf(vector),
      now,
    });
    if (!vector.expect.ok) {
      expect(result).toMatchObject(vector.expect);
      return;
    }
    const { id, timestamp, type, keyIndex } = vector.expect;
    expect(result).toMatchObject({
      ok: true,
      keyIndex,
      covered: "signature",
      event: { id, body: bodyOf(vector) },
    });
    expect(result.ok && result.event).toMatchObject({ provider: vector.provider, timestamp, type });
  });

  it("has the published vectors of all schemes", () => {
    const published = vectors.filter((vector) => vector.name.endsWith(", published"));
    expect(published.map((vector) => vector.name)).toEqual([
      "v1, published",
      "v1a, published",
      "github, published",
    ]);
  });
});

describe.each([
  { variant: "node", ...node },
  { variant: "web", ...web },
  { variant: "portable", ...portable },
])("$variant", ({ sign, verify, parseVerifyingKey }) => {
  it.each(standard)("verify does as the standard-webhooks row does: $name", async (vector) => {
    const { secrets, headers, now, expect: expected } = vector;
    const keys = await Promise.all(secrets.map((secret) => parseVerifyingKey(secret)));
    const result = await verify({ headers, body: bodyOf(vector), keys, now });
    expect(result.ok ? { ok: true, keyIndex: result.keyIndex } : result).toMatchObject(
      expected.ok ? { ok: true, keyIndex: expected.keyIndex } : expected,
    );
    expect(await verify({ headers, body: bodyOf(vector), keys: secrets, now })).toEqual(result);
  });

  const signed = standard.filter((vector) => vector.signWith !== undefined);

  it.each(signed)("sign gives the vector's headers: $name", async (vector) => {
    const { signWith: keys = [], now: timestamp = 0, expect: expected } = vector;
    const id = expected.ok ? expected.id : "";
    expect(await sign({ id, timestamp, body: bodyOf(vector), keys })).toEqual(vector.headers);
  });
});

function bodyOf({ body, bodyBase64 }: Vector): Buffer {
  return bodyBase64 === undefined ? Buffer.from(body ?? "") : Buffer.from(bodyBase64, "base64");
}
