import * as fc from "fast-check";
import * as standardwebhooks from "standardwebhooks";
import * as svix from "svix";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as compat from "./compat.ts";
import { SvixWebhook, Webhook, WebhookVerificationError } from "./compat.ts";
import { generateSecret, KeyError } from "./index.ts";

const secret = generateSecret();
const base64 = secret.slice("whsec_".length);
const raw = Buffer.from(base64, "base64");
const date = new Date();
const payload = '{"name":"é"}';
const original = new standardwebhooks.Webhook(secret);
const sent = (signature: string, prefix = "webhook") => ({
  [`${prefix}-id`]: "evt_1",
  [`${prefix}-timestamp`]: String(Math.floor(date.getTime() / 1000)),
  [`${prefix}-signature`]: signature,
});

/** What the tests that both packages publish expect, on both packages and on what stands in for them. */
describe.each([
  { name: "standardwebhooks", ...standardwebhooks, prefix: "webhook" },
  { name: "Webhook", ...compat, prefix: "webhook" },
  { name: "Webhook, Svix' headers", ...compat, prefix: "svix" },
  { name: "svix", ...svix, prefix: "svix" },
  { name: "svix, unbranded", ...svix, prefix: "webhook" },
  { name: "SvixWebhook", ...compat, Webhook: SvixWebhook, prefix: "svix" },
  { name: "SvixWebhook, unbranded", ...compat, Webhook: SvixWebhook, prefix: "webhook" },
])("$name, as published", ({ Webhook, WebhookVerificationError, prefix }) => {
  const published = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  const body = '{"test": 2432232314}';
  const webhook = new Webhook(published);
  const request = (offsetSeconds = 0): Record<string, string> => {
    const at = new Date(Date.now() + offsetSeconds * 1000);
    return {
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: String(Math.floor(at.getTime() / 1000)),
      [`${prefix}-signature`]: new standardwebhooks.Webhook(published).sign(id, at, body),
    };
  };
  const verify = (headers: Record<string, string>) => () => webhook.verify(body, headers);

  it.each(["", undefined, null])("refuses the secret %s", (secret) => {
    expect(() => new Webhook(secret as string)).toThrow(Error);
  });

  it.each(["id", "timestamp", "signature"])("refuses a request without its %s", (part) => {
    const { [`${prefix}-${part}`]: _, ...headers } = request();
    expect(verify(headers)).toThrow(WebhookVerificationError);
  });

  it.each([
    ["timestamp", "hello"],
    ["signature", "v1,dawfeoifkpqwoekfpqoekf"],
    ["signature", "v1,"],
    ["signature", request()[`${prefix}-signature`]!.slice(0, 8)],
  ])("refuses the %s %j", (part, value) => {
    expect(verify({ ...request(), [`${prefix}-${part}`]: value })).toThrow(WebhookVerificationError);
  });

  it("refuses a request that is too old or of the future, and takes one in time", () => {
    expect(verify(request(-301))).toThrow(WebhookVerificationError);
    expect(verify(request(302))).toThrow(WebhookVerificationError);
    for (const offset of [-290, 0, 290]) expect(verify(request(offset))).not.toThrow();
  });

  it("takes a genuine signature among others", () => {
    const headers = request();
    const other = "Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    const list = [`v1,${other}`, `v2,${other}`, headers[`${prefix}-signature`], `v1,${other}`].join(" ");
    expect(verify({ ...headers, [`${prefix}-signature`]: list })).not.toThrow();
  });

  it("takes a secret with and without its prefix, and signs as published", () => {
    for (const secret of [published, `whsec_${published}`]) {
      const webhook = new Webhook(secret);
      expect(() => webhook.verify(body, request())).not.toThrow();
      expect(webhook.sign(id, new Date(1_614_265_330_000), body)).toBe(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      );
    }
  });
});

describe("Webhook", () => {
  it.each([
    { form: "with prefix", key: secret, options: {} },
    { form: "without prefix", key: base64, options: {} },
    { form: "without padding", key: secret.replaceAll("=", ""), options: {} },
    { form: "of raw bytes", key: raw, options: { format: "raw" } as const },
    { form: "in a raw string", key: raw.toString("latin1"), options: { format: "raw" } as const },
  ])("signs and verifies as the original does, with a secret $form", ({ key, options }) => {
    const [ours, original] = [new Webhook(key, options), new standardwebhooks.Webhook(key, options)];
    expect(ours.sign("evt_1", date, payload)).toBe(original.sign("evt_1", date, payload));
    const headers = sent(original.sign("evt_1", date, payload));
    for (const body of [payload, Buffer.from(payload)]) {
      expect(ours.verify(body, headers)).toEqual(original.verify(body, headers));
      expect(ours.verify(body, headers, { jsonParse: false })).toBeUndefined();
    }
  });

  it.each(["", "null", "[1]", '"\ufffd"'])("gives what the original gives for the body %j", (body) => {
    const headers = sent(original.sign("evt_1", date, body));
    expect(new Webhook(secret).verify(body, headers)).toEqual(original.verify(body, headers));
  });

  it.each(["nope", "\ufeff{}", "{"])(
    "throws a SyntaxError for the genuine body %j, as the original",
    (body) => {
      const headers = sent(original.sign("evt_1", date, body));
      expect(() => original.verify(body, headers)).toThrow(SyntaxError);
      expect(() => new Webhook(secret).verify(body, headers)).toThrow(SyntaxError);
    },
  );

  it("throws an error with the reason where the original throws one", () => {
    const headers = sent(original.sign("evt_1", date, payload));
    const other = new Webhook(generateSecret());
    expect(() => other.verify(payload, headers)).toThrow(WebhookVerificationError);
    expect(() => other.verify(payload, headers)).toThrow(
      expect.objectContaining({ reason: "no_matching_key" }),
    );
    expect(() => other.verify(payload, {})).toThrow(expect.objectContaining({ reason: "missing_header" }));
  });

  it("accepts nothing that the original refuses", () => {
    const parts = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;
    const genuine = sent(original.sign("evt_1", date, payload));
    const value = fc.oneof(
      fc.string(),
      fc.stringMatching(/^(v1a?,[A-Za-z0-9+/=]{0,44} ?){0,4}$/),
      fc.constantFrom(...Object.values(genuine)),
      fc.constantFrom(...Object.values(genuine)).map((text) => `${text} v2,x`),
    );
    const change = fc.dictionary(fc.constantFrom(...parts), value);
    fc.assert(
      fc.property(change, fc.constantFrom(payload, `${payload} `), (change, body) => {
        const headers = { ...genuine, ...change };
        if (isTaken(new Webhook(secret), body, headers)) {
          expect(isTaken(original, body, headers)).toBe(true);
        }
      }),
      { numRuns: 5000, seed: 5 },
    );
  });

  it("has the types of both packages", () => {
    expectTypeOf(Webhook).toBeConstructibleWith("secret", { format: "raw" });
    expectTypeOf<Parameters<standardwebhooks.Webhook["verify"]>>().toExtend<Parameters<Webhook["verify"]>>();
    expectTypeOf<Parameters<standardwebhooks.Webhook["sign"]>>().toExtend<Parameters<Webhook["sign"]>>();
    expectTypeOf<Parameters<svix.Webhook["verify"]>>().toExtend<Parameters<SvixWebhook["verify"]>>();
    expectTypeOf<SvixWebhook["verify"]>().returns.toEqualTypeOf<ReturnType<svix.Webhook["verify"]>>();
    expectTypeOf<svix.WebhookRequiredHeaders>().toExtend<compat.WebhookRequiredHeaders>();
    expect(new WebhookVerificationError("as the original's").reason).toBeUndefined();
  });
});

describe("SvixWebhook", () => {
  const ours = new SvixWebhook(secret);
  const theirs = new svix.Webhook(secret);

  it.each(["{}", "", "nope"])("gives nothing and parses nothing, as the original: %j", (body) => {
    const headers = sent(original.sign("evt_1", date, body), "svix");
    expect(theirs.verify(body, headers)).toBeUndefined();
    expect(ours.verify(body, headers)).toBeUndefined();
  });

  it("reads Svix' names before the others, as the original; Webhook the other way round", () => {
    const genuine = original.sign("evt_1", date, payload);
    const forged = genuine.replace(/.{8}=$/, "AAAAAAA=");
    const svixGenuine = { ...sent(genuine, "svix"), ...sent(forged) };
    const standardGenuine = { ...sent(forged, "svix"), ...sent(genuine) };
    expect(isTaken(theirs, payload, svixGenuine)).toBe(true);
    expect(isTaken(ours, payload, svixGenuine)).toBe(true);
    expect(isTaken(ours, payload, standardGenuine)).toBe(false);
    expect(isTaken(new Webhook(secret), payload, svixGenuine)).toBe(false);
    expect(isTaken(original, payload, standardGenuine)).toBe(true);
    expect(isTaken(new Webhook(secret), payload, standardGenuine)).toBe(true);
  });
});

/** The differences, each with what the originals do. The README lists them. */
describe("what the originals take and ours refuses", () => {
  const genuine = original.sign("evt_1", date, payload);

  it("a short key", () => {
    expect(new standardwebhooks.Webhook("whsec_AAAA").sign("evt_1", date, "{}")).toMatch(/^v1,/);
    expect(() => new Webhook("whsec_AAAA")).toThrow(KeyError);
  });

  it("a key in base64 that is not canonical", () => {
    for (const key of ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", base64.replace(/.=$/, "B=")]) {
      expect(() => new standardwebhooks.Webhook(key)).not.toThrow();
      expect(() => new Webhook(key)).toThrow(KeyError);
    }
  });

  it("bytes that only look alike in a string", () => {
    const headers = sent(original.sign("evt_1", date, '"\ufffd"'));
    const tampered = Buffer.from([0x22, 0xff, 0x22]);
    expect(original.verify(tampered, headers)).toBe("\ufffd");
    expect(() => new Webhook(secret).verify(tampered, headers)).toThrow(WebhookVerificationError);
  });

  it("a timestamp with something behind it", () => {
    const headers = sent(genuine);
    const changed = { ...headers, "webhook-timestamp": `${headers["webhook-timestamp"]}.9e` };
    expect(isTaken(original, payload, changed)).toBe(true);
    expect(isTaken(new Webhook(secret), payload, changed)).toBe(false);
  });

  it("an id with a dot, and the time NaN", () => {
    expect(original.sign("a.b", date, payload)).toMatch(/^v1,/);
    expect(() => new Webhook(secret).sign("a.b", date, payload)).toThrow(TypeError);
    expect(original.sign("a", new Date(Number.NaN), payload)).toMatch(/^v1,/);
    expect(() => new Webhook(secret).sign("a", new Date(Number.NaN), payload)).toThrow(RangeError);
  });

  it.each([
    ["a malformed signature beside a genuine one", `v1,x ${genuine}`],
    ["a word beside one", `word ${genuine}`],
    ["two headers joined with a comma", `${genuine}, ${genuine}`],
    ["a space behind one", `${genuine} `],
    ["more than ten", Array.from({ length: 11 }, () => genuine).join(" ")],
  ])("%s", (_, signature) => {
    expect(isTaken(original, payload, sent(signature))).toBe(true);
    expect(isTaken(new Webhook(secret), payload, sent(signature))).toBe(false);
  });

  it("headers of two families, mixed", () => {
    const { "webhook-id": id = "", ...others } = sent(genuine);
    const mixed = { ...others, "svix-id": id };
    expect(isTaken(new svix.Webhook(secret), payload, mixed)).toBe(true);
    expect(isTaken(new SvixWebhook(secret), payload, mixed)).toBe(false);
  });
});

describe("what the originals refuse and ours takes", () => {
  it("Headers, headers in arrays, and a Uint8Array that is no Buffer", () => {
    const headers = sent(original.sign("evt_1", date, payload));
    const arrays = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    expect(() => original.verify(payload, new Headers(headers) as unknown as typeof headers)).toThrow();
    expect(() => original.verify(payload, arrays as unknown as typeof headers)).toThrow(TypeError);
    const bytes = new TextEncoder().encode(payload);
    expect(() => original.verify(bytes as Buffer, headers)).toThrow("string or Buffer");
    for (const given of [new Headers(headers), arrays]) {
      expect(new Webhook(secret).verify(bytes, given)).toEqual({ name: "é" });
    }
  });
});

interface AnyWebhook {
  verify(payload: string, headers: Record<string, string>): unknown;
}

function isTaken(webhook: AnyWebhook, body: string, headers: Record<string, string>): boolean {
  try {
    webhook.verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
