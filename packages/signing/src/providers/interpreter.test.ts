import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDice } from "../proof/dice.ts";
import { makeGenuineRequest } from "../proof/genuine-request.ts";
import { prepareProvider, type Provider, type ProviderId, providers } from "../providers.ts";
import type { HmacProvider, SyncProvider } from "../providers.ts";

const now = 1_800_000_000;
const secret = "secret";
const mac = (text: string | Buffer, encoding: "hex" | "base64" = "hex", key = secret) =>
  createHmac("sha256", key).update(text).digest(encoding);
const sha256 = (body: Buffer) => createHash("sha256").update(body).digest("hex");

const own: HmacProvider = {
  kind: "hmac",
  id: "own",
  name: "Own",
  digest: "sha256",
  secret: "utf8",
  signature: { from: "header", name: "s", encoding: "hex" },
  message: "{body}",
  event: {},
};

/** Verifies a body under a row that is `own` with changes, with a signature of `message`, or headers that were made otherwise. */
function verifyOwn(
  changes: Partial<HmacProvider>,
  body: Buffer,
  headers: Record<string, string | string[]> = { s: mac(body) },
) {
  return prepareProvider({ ...own, ...changes }, { secrets: [secret] }).verify({ headers, body, now });
}

/** A request of X with any text signed. */
const signedByX = (text: string) => ({
  headers: { "x-twitter-webhooks-signature": `sha256=${mac(text, "base64")}` },
  body: Buffer.from(text),
});

/** The event of a request of that body. */
const named = (event: HmacProvider["event"], body: unknown, headers: Record<string, string> = {}) => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const result = verifyOwn({ event }, bytes, { s: mac(bytes), ...headers });
  return result.ok ? result.event : undefined;
};

/** `own` with another place or form of signatures. */
const sig = (signature: Partial<HmacProvider["signature"]>) => ({
  signature: { ...own.signature, ...signature } as HmacProvider["signature"],
});

describe("signatures", () => {
  const body = Buffer.from("{}");
  const [right, wrong] = [mac(body), mac("other")];
  const time = (at: number, text = `${at}.{}`) => `t=${at},v1=${mac(text)}`;
  const fields = sig({ format: { kind: "fields", separator: ",", assign: "=", signatures: ["v1"] } });
  const timed = {
    ...fields,
    message: "{timestamp}.{body}",
    timestamp: { from: "signature", name: "t", unit: "s" },
  } as const;
  const list = sig({ format: { kind: "list", separator: "," } });
  const tagged = sig({ format: { kind: "tagged", separator: " ", assign: ",", tags: ["v1"] } });

  it.each([
    ["among others", fields, `v1=${wrong},v1=${right}`],
    ["with a space behind the comma", fields, `v0=x, v1=${right}`],
    ["in a list", list, `${wrong},${right}`],
    ["of its scheme", tagged, `v2,?? v1,${right}`],
    [
      "alone where the prefix may be left out",
      sig({ format: { kind: "prefix", prefix: "x=", optional: true } }),
      right,
    ],
    ["with its time", timed, time(now)],
    ["with a field that means nothing", timed, `${time(now)},v0=??`],
    ["in capitals where a row has them", sig({ encoding: "HEX" }), right.toUpperCase()],
  ])("are found %s", (_, row, s) => {
    expect(verifyOwn(row, body, { s })).toMatchObject({ ok: true });
  });

  it.each([
    ["one in another form beside it", "malformed_header", fields, `v1=${right},v1=${right.slice(1)}`],
    ["a field without a value", "malformed_header", fields, `v1=${right},v1`],
    ["an end that is a comma", "malformed_header", fields, `v1=${right},`],
    ["eleven of them", "malformed_header", list, Array(11).fill(right).join(",")],
    ["a thousand fields", "malformed_header", fields, `v1=${right},a=b`.padEnd(4000, ",a=b")],
    ["only another scheme", "unknown_scheme", tagged, `v2,${right}`],
    ["no signature among the fields", "unknown_scheme", fields, "v0=1"],
    ["two times", "malformed_header", timed, `t=1,${time(now)}`],
    ["no time", "missing_header", timed, `v1=${mac("undefined.{}")}`],
    ["a time that is none", "malformed_header", timed, `t=1e9,v1=${mac("1e9.{}")}`],
    ["an old time", "timestamp_too_old", timed, time(now - 301)],
    ["a time to come", "timestamp_in_future", timed, time(now + 301)],
    ["capitals where a row has none", "malformed_header", {}, right.toUpperCase()],
    [
      "mixed case where a row has either",
      "malformed_header",
      sig({ encoding: "anyHex" }),
      `A${"a".repeat(63)}`,
    ],
    ["base64 for hex", "malformed_header", {}, mac(body, "base64")],
    [
      "a prefix that is not its own",
      "malformed_header",
      sig({ format: { kind: "prefix", prefix: "v1=" } }),
      `v2=${right}`,
    ],
    ["megabytes", "malformed_header", list, `${right},`.repeat(40_000)],
    ["nothing", "malformed_header", {}, ""],
  ])("are refused with %s: %s", (...given) => {
    const [, reason, row, s] = given;
    expect(verifyOwn(row, body, { s })).toMatchObject({ ok: false, reason });
  });

  it("have a time for each group of fields, and count when theirs is fresh", () => {
    const { verify } = prepareProvider("persona", { secrets: [secret] });
    const [old, fresh] = [time(now - 9999), time(now)];
    const stale = `t=${now},v1=${mac(`${now - 9999}.{}`)}`;
    const answers = [`${old} ${fresh}`, `${fresh} ${old}`, `${old} ${old}`, `${stale} ${old}`].map((header) =>
      verify({ headers: { "persona-signature": header }, body, now }),
    );
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, false, false]);
    expect(answers[0]).toMatchObject({ event: { timestamp: now } });
  });

  it("stand in numbered headers up to the first that is missing, or beside each other in two", () => {
    const docusign = prepareProvider("docusign", { secrets: [secret] });
    const [good, bad] = [mac(body, "base64"), mac("x", "base64")];
    const name = "x-docusign-signature-";
    const many = Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`${name}${index + 1}`, bad]));
    expect(docusign.verify({ headers: { ...many, [`${name}100`]: good }, body }).ok).toBe(true);
    expect(docusign.verify({ headers: { ...many, [`${name}101`]: good }, body }).ok).toBe(false);
    const hookdeck = prepareProvider("hookdeck", { secrets: [secret] });
    const headers = { "x-hookdeck-signature": bad, "x-hookdeck-signature-2": good };
    expect(hookdeck.verify({ headers, body }).ok).toBe(true);
    expect(hookdeck.verify({ headers: { "x-hookdeck-signature-2": good }, body }).ok).toBe(true);
    const twice = { ...headers, "x-hookdeck-signature": [bad, bad] };
    expect(hookdeck.verify({ headers: twice, body })).toMatchObject({ reason: "malformed_header" });
  });

  it("of a text that anybody can have signed by a handshake prove nothing", () => {
    const { verify } = prepareProvider("x", { secrets: [secret] });
    expect(verify(signedByX("abcDEF123")).ok).toBe(false);
    expect(verify(signedByX('{"a":1}')).ok).toBe(true);
  });
});

describe("tokens", () => {
  it("are all right or all wrong where a body has one for each event", () => {
    const { verify } = prepareProvider("microsoft-graph", { secrets: ["one", "two"] });
    const answer = (...states: unknown[]) =>
      verify({
        headers: {},
        body: Buffer.from(JSON.stringify({ value: states.map((clientState) => ({ clientState })) })),
      });
    expect(answer("one", "two")).toMatchObject({ ok: true, covered: "token" });
    for (const states of [["one", "three"], ["one", undefined], ["one", 1], ["one", null], [undefined], []])
      expect(answer(...states).ok).toBe(false);
  });

  it("stand in a header that a setting names", () => {
    const settings = { header: "X-My-Token" };
    const { verify, headers, credentialHeaders } = prepareProvider("datadog", { secrets: ["t"], settings });
    expect(verify({ headers: { "x-my-token": "t" }, body: Buffer.alloc(0) }).ok).toBe(true);
    expect(verify({ headers: { "x-my-token": "T" }, body: Buffer.alloc(0) }).ok).toBe(false);
    expect({ headers, credentialHeaders }).toEqual({ headers: [], credentialHeaders: ["x-my-token"] });
    for (const header of ["", "a b", "a:b", "é"])
      expect(() => prepareProvider("datadog", { secrets: ["t"], settings: { header } })).toThrow(TypeError);
  });

  it("are users and passwords as RFC 7617 writes them", () => {
    const { verify } = prepareProvider("postmark", { secrets: ["me:päss:word"] });
    const answer = (authorization: string) => verify({ headers: { authorization }, body: Buffer.alloc(0) });
    const right = Buffer.from("me:päss:word").toString("base64");
    expect(answer(`basic ${right}`)).toMatchObject({ ok: true, covered: "basic" });
    for (const text of [right, `Basic ${right}=`, `Basic  ${right}`, `Bearer ${right}`, "Basic bWU="])
      expect(answer(text).ok).toBe(false);
  });
});

describe("events", () => {
  const id = [
    { from: "body", path: "a.b" },
    { from: "header", name: "x-id" },
  ] as const;

  it("are named by the first source that has a value", () => {
    expect(named({ id }, { a: { b: 7 } }, { "x-id": "h" })).toMatchObject({ id: "7", idCovered: true });
    expect(named({ id }, { a: {} }, { "x-id": "h" })).toMatchObject({
      id: "h",
      idFrom: "provider",
      idCovered: false,
    });
    expect(named({ id }, { a: { b: "" } }, { "x-id": "" })).toMatchObject({
      idFrom: "content",
      idCovered: true,
    });
  });

  it.each([
    { a: { b: {} } },
    { a: { b: null } },
    { a: { b: 1.5 } },
    { a: { b: 2 ** 53 } },
    { a: [{ b: 1 }] },
    [],
    1,
    null,
  ])("have the hash of the body for an id where %j has none", (body) => {
    const bytes = Buffer.from(JSON.stringify(body));
    expect(named({ id }, body)).toMatchObject({ id: sha256(bytes), idFrom: "content" });
  });

  it("have a hash for an id that could not be a key", () => {
    for (const text of ["a b", "é", "x".repeat(129), "a\u0000b", "../\\"])
      expect(named({ id }, { a: { b: text } })).toMatchObject({
        id: sha256(Buffer.from(text)),
        idFrom: "provider",
      });
  });

  it("take no name from a prototype, invalid UTF-8 or what is no JSON", () => {
    const paths = ["__proto__.b", "constructor.name", "toString.length", "length"];
    for (const path of paths) {
      const body = Buffer.from('{"__proto__":1}');
      expect(named({ id: [{ from: "body", path }] }, body)).toMatchObject({ idFrom: "content" });
    }
    const bodies = [
      Buffer.from('{"a":{"b":"\xff"}}', "latin1"),
      Buffer.from("\ufeff{}"),
      Buffer.from("["),
      Buffer.alloc(0),
      Buffer.from("[".repeat(1e6)),
    ];
    for (const body of bodies)
      expect(named({ id }, body)).toMatchObject({ id: sha256(body), idFrom: "content" });
  });

  it("have types and attempts only of their own form", () => {
    const event = { type: { from: "body", path: "t" }, attempt: { from: "header", name: "n" } } as const;
    expect(named(event, { t: "Push Hook" }, { n: "3" })).toMatchObject({ type: "Push Hook", attempt: 3 });
    for (const t of [1, true, " a", "a\nb", "é", "x".repeat(129), ""])
      expect(named(event, { t }, { n: "1e3" })?.type).toBeUndefined();
    expect(named(event, {}, { n: "1e3" })).not.toHaveProperty("attempt");
  });

  it("are known by their bytes alone where that is asked for", () => {
    const body = Buffer.from("{}");
    const headers = { "x-hub-signature-256": `sha256=${mac(body)}`, "x-github-delivery": "1" };
    const [plain, strict] = (["provider", "content"] as const).map((dedupeBy) =>
      prepareProvider("github", { secrets: [secret], dedupeBy }).verify({ headers, body }),
    );
    expect(plain).toMatchObject({ event: { id: "1", idCovered: false } });
    expect(strict).toMatchObject({ event: { id: sha256(body), idFrom: "content", idCovered: true } });
  });

  it("differ by the second of arrival where a provider repeats itself", () => {
    const body = Buffer.from("{}");
    const headers = { "x-dropbox-signature": mac(body) };
    const idAt = (dedupeBy: "provider" | "content", at: number) => {
      const result = prepareProvider("dropbox", { secrets: [secret], dedupeBy }).verify({
        headers,
        body,
        now: at,
      });
      return result.ok && result.event.id;
    };
    expect(idAt("provider", now)).toBe(`${sha256(body)}:${now}`);
    expect(idAt("content", now)).toBe(sha256(body));
  });

  it("are several in one body, each with its place", () => {
    const batch = { items: "list", id: ["id", "kind"], type: "kind" };
    const body = Buffer.from(
      JSON.stringify({ list: [{ id: 1, kind: "a" }, { kind: "b" }, 7, { id: "é", kind: "c" }] }),
    );
    const result = verifyOwn({ batch }, body);
    expect(result.ok && result.event.items).toEqual([
      { id: "1:a", type: "a", pointer: "/list/0" },
      { id: `${sha256(body)}:1`, type: "b", pointer: "/list/1" },
      { id: `${sha256(body)}:2`, type: undefined, pointer: "/list/2" },
      { id: sha256(Buffer.from("é:c")), type: "c", pointer: "/list/3" },
    ]);
    expect(verifyOwn({ batch }, Buffer.from("{}"))).toMatchObject({ event: { items: [] } });
  });
});

describe("hostile requests", () => {
  const rows = Object.values<Provider>(providers).filter((row): row is SyncProvider =>
    ["hmac", "token", "standard-webhooks"].includes(row.kind),
  );
  const roll = createDice(3);
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.constantFrom(
      "",
      "=",
      ",",
      "t=,v1=",
      "sha256=",
      "Basic ",
      "Bearer ",
      "v1,",
      "__proto__=1",
      "1,1",
      "\u0000",
    ),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((json) => Buffer.from(json)),
    fc
      .constantFrom(
        '{"__proto__":{"id":1}}',
        '{"signature":null}',
        '{"value":[]}',
        "[[[[",
        "a=1&a=2",
        "%",
        "\ufeff{}",
      )
      .map((json) => Buffer.from(json)),
  );

  it.each(rows)("make nothing throw, and are accepted by nobody: $id", (row) => {
    const { settings, secret } = makeGenuineRequest(row as HmacProvider, roll);
    const prepared = prepareProvider(row, { secrets: [secret], settings });
    const names = [...prepared.credentialHeaders, ...prepared.headers].slice(0, 8);
    const headers = fc.dictionary(
      names.length === 0 ? fc.constant("x") : fc.constantFrom(...names),
      fc.oneof(text, fc.array(text, { maxLength: 3 })),
    );
    fc.assert(
      fc.property(headers, bytes, fc.option(text, { nil: undefined }), (given, body, url) => {
        const request = { headers: given, body, now, url, method: url };
        expect(prepared.verify(request).ok).toBe(false);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("make nothing throw in any row when they are no requests at all", async () => {
    for (const id of Object.keys(providers) as ProviderId[]) {
      const row: Provider = providers[id];
      if (row.kind === "adapter" || row.kind === "jwt") continue;
      const settings = Object.fromEntries(Object.keys(row.settings ?? {}).map((name) => [name, "x"]));
      const { verify } = prepareProvider(row, { secrets: [], settings });
      for (const headers of [{}, new Headers(), { x: undefined }, Object.create(null) as object])
        expect((await verify({ headers: headers as Headers, body: new ArrayBuffer(0), now })).ok).toBe(false);
    }
  });
});
