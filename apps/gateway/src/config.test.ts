import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateSecret } from "@hooks/signing";
import { providers, providerSchema } from "@hooks/signing/providers";
import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";

const secret = generateSecret();

function load(
  yaml: string | undefined,
  env: Record<string, string> = {},
  files: Record<string, string> = {},
) {
  const all: Record<string, string> = { ...files, ...(yaml === undefined ? {} : { "gateway.yaml": yaml }) };
  return loadConfig({
    env: yaml === undefined ? env : { HOOKS_CONFIG: "gateway.yaml", ...env },
    readFile: (path) => {
      const content = all[path];
      if (content === undefined) throw Object.assign(new Error("There is none"), { code: "ENOENT" });
      return content;
    },
  });
}

const example = `
sources:
  billing: { provider: standard-webhooks, secrets: ["\${BILLING_SECRET}"], destinations: [orders], rateLimit: { perSecond: 200, burst: 400 }, highWaterMark: 9 }
  github:  { provider: github, secrets: ["\${GITHUB_SECRET}"], destinations: [jobs] }
destinations:
  orders: { type: http, url: "http://127.0.0.1:3000/events" }
  jobs:   { type: redis-stream, url: "redis://127.0.0.1:6379", stream: jobs }
`;
const local = { HOOKS_ALLOW_CIDRS: "127.0.0.0/8", HOOKS_ALLOW_HTTP: "true" };

describe("loadConfig", () => {
  it("takes an HTTP proxy, and repeats nothing of what is none", () => {
    const proxyUrl = "http://me:secret@proxy.internal:4750";
    expect(load(undefined, { HOOKS_PROXY_URL: proxyUrl })).toMatchObject({ config: { proxyUrl } });
    expect(load(undefined, { HOOKS_PROXY_URL: "socks5://me:secret@proxy.internal" })).toEqual({
      ok: false,
      problems: [{ path: "HOOKS_PROXY_URL", message: "expected http://host:port or https://host:port" }],
    });
  });

  it("has a default for everything", () => {
    const result = load(undefined);
    expect(result).toEqual({
      ok: true,
      config: {
        host: "127.0.0.1",
        port: 4100,
        inboxUrl: "sqlite:./data/gateway.db",
        durability: "strict",
        replicas: undefined,
        keptEvents: 0,
        highWaterMark: 250_000,
        workers: 1,
        stopDelayMs: 0,
        allowCidrs: [],
        allowHttp: false,
        publicUrl: undefined,
        trustedProxies: [],
        forwardedHeader: "x-forwarded-for",
        contracts: undefined,
        sources: {},
        destinations: {},
      },
    });
  });

  it("reads the file, variables within it, and secrets from files", () => {
    const env = { ...local, BILLING_SECRET_FILE: "/run/billing", GITHUB_SECRET: "hush", PORT: "0" };
    const result = load(example, env, { "/run/billing": `${secret}\n` });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.config.sources["billing"]).toMatchObject({
      secrets: [secret],
      rateLimit: { perSecond: 200, burst: 400 },
      highWaterMark: 9,
      maxBodyBytes: 1_048_576,
    });
    expect(result.config.sources["github"]).toMatchObject({ secrets: ["hush"], destinations: ["jobs"] });
    expect(result.config).toMatchObject({ port: 0, allowHttp: true });
  });

  it("reads how requests reach it, and whom each source lets in", () => {
    const result = load(
      `
publicUrl: https://hooks.example.com/
trustedProxies: 2
forwardedHeader: forwarded
sources:
  a: { provider: github, secrets: [one], secretsFrom: /run/a, allowFrom: [192.0.2.0/24, "2001:db8::/32"] }
  b: { provider: asana, secretsFrom: /run/b, settings: { awaitSecret: true }, enforce: false, decompress: true }
`,
      {},
      { "/run/a": "two\r\n \t\nthree\n" },
    );
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { sources, ...config } = result.config;
    expect(config).toMatchObject({
      publicUrl: "https://hooks.example.com",
      trustedProxies: 2,
      forwardedHeader: "forwarded",
    });
    expect(sources["a"]).toMatchObject({
      secrets: ["one", "two", "three"],
      allowFrom: ["192.0.2.0/24", "2001:db8::/32"],
      enforce: true,
      decompress: false,
    });
    expect(sources["b"]).toMatchObject({ secrets: [], enforce: false, decompress: true });
  });

  it("takes a destination that is named twice for one", () => {
    const result = load(`
sources: { a: { provider: github, secrets: [s], destinations: [d, e, d] } }
destinations: { d: { type: nats, url: "nats://a", subject: d }, e: { type: nats, url: "nats://a", subject: e } }
`);
    expect(result).toMatchObject({ ok: true, config: { sources: { a: { destinations: ["d", "e"] } } } });
  });

  it("says what is wrong with all that", () => {
    const result = load(`
publicUrl: hooks.example.com
trustedProxies: [nginx]
forwardedHeader: x-real-ip
sources:
  a: { provider: github, secretsFrom: /run/absent, allowFrom: [10.0.0.0/33], enforce: maybe }
  b: { provider: asana, settings: { awaitSecret: true }, publicUrl: "https://a.example/?x" }
  c: { provider: github, secrets: [s], contracts: warn }
`);
    const paths = result.ok ? [] : result.problems.map(({ path }) => path);
    expect(paths.toSorted()).toEqual([
      "forwardedHeader",
      "publicUrl",
      "sources.a.allowFrom",
      "sources.a.enforce",
      "sources.a.secretsFrom",
      "sources.b.publicUrl",
      "sources.b.secretsFrom",
      "sources.c.contracts",
      "trustedProxies",
    ]);
  });

  it("puts the environment over the file", () => {
    const result = load("host: 0.0.0.0\nport: 1\ninboxUrl: redis://a", {
      HOST: "127.0.0.2",
      PORT: "2",
      INBOX_URL: "redis://b",
    });
    expect(result).toMatchObject({ ok: true, config: { host: "127.0.0.2", port: 2, inboxUrl: "redis://b" } });
  });

  it("reports every problem at once, without a secret", () => {
    const result = load(
      `
ports: 1
durability: lax
sources:
  billing: { provider: standard-webhooks, secrets: [whsec_c2hvcnQ], destinations: [nowhere], rateLimit: { perSecond: 0 } }
  github: { provider: gitlob, secrets: ["\${MISSING}"], extra: 1 }
  "bad name": { provider: github, secrets: [x] }
destinations:
  orders: { type: http, url: "http://127.0.0.1/", stream: s }
  jobs: { type: kafka, url: "redis://a" }
`,
      { PORT: "99999", INBOX_URL: "mysql://a", HOOKS_ALLOW_HTTP: "yes" },
    );
    const paths = result.ok ? [] : result.problems.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "ports",
        "durability",
        "sources.billing.secrets",
        "sources.billing.destinations",
        "sources.billing.rateLimit.perSecond",
        "sources.github.provider",
        "sources.github.secrets.0",
        "sources.github.extra",
        "sources.bad name.(name)",
        "destinations.orders.url",
        "destinations.orders.stream",
        "destinations.jobs.type",
        "PORT",
        "INBOX_URL",
        "HOOKS_ALLOW_HTTP",
      ]),
    );
    expect(JSON.stringify(result)).not.toContain("c2hvcnQ");
  });

  it("names the variable that allows a destination it refuses", () => {
    const text = 'destinations: { d: { type: http, url: "http://127.0.0.1/" } }';
    const said = (env: Record<string, string>) => {
      const result = load(text, env);
      return result.ok ? [] : result.problems.map(({ message }) => message);
    };
    expect(said({})).toEqual([expect.stringMatching(/^https_required: .* \(HOOKS_ALLOW_HTTP=true\)$/)]);
    expect(said({ HOOKS_ALLOW_HTTP: "true" })).toEqual([
      expect.stringMatching(/^blocked_address: .* \(HOOKS_ALLOW_CIDRS, such as 10.0.0.0\/8\)$/),
    ]);
  });

  it("reads rows of one's own, under a name or in the source", () => {
    const result = load(`
providers:
  shop:
    kind: hmac
    digest: sha256
    secret: utf8
    signature: { from: header, name: X-Shop-Signature, encoding: hex }
    message: "{timestamp}.{body}"
    timestamp: { from: header, name: X-Shop-Time, unit: s }
sources:
  one: { provider: shop, secrets: [a] }
  Two_b: { provider: { kind: token, token: { from: basic } }, secrets: ["user:b"] }
  three: { provider: whatsapp, secrets: [c], settings: { verifyToken: 42 }, dedupeBy: content }
  four: { provider: paypal, settings: { webhookId: 8A }, toleranceSeconds: 10 }
`);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { sources } = result.config;
    expect(sources["one"]?.provider).toMatchObject({ id: "shop", signature: { name: "x-shop-signature" } });
    expect(sources["Two_b"]?.provider).toMatchObject({ id: "two-b", kind: "token" });
    expect(sources["three"]).toMatchObject({
      provider: "meta",
      settings: { verifyToken: "42" },
      dedupeBy: "content",
    });
    expect(sources["four"]).toMatchObject({ secrets: [], toleranceSeconds: 10 });
  });

  it("says what is wrong with rows and settings, each where it stands", () => {
    const result = load(`
providers:
  github: { kind: token, token: { from: basic } }
  shop: { kind: hmac, digest: md5, secret: utf8, signature: { from: header, name: s, encoding: hex }, message: "{bodi}", x: 1 }
sources:
  a: { provider: githup, secrets: [s] }
  b: { provider: { kind: hmac }, secrets: [s] }
  c: { provider: square, secrets: [s] }
  d: { provider: github, secrets: [s], settings: { url: x } }
  e: { provider: paypal, settings: [] }
  f: { secrets: [s] }
  g: { provider: github }
`);
    const paths = result.ok ? [] : result.problems.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "providers.github",
        "providers.shop.digest",
        "providers.shop.message",
        "providers.shop.x",
        "sources.a.provider",
        "sources.b.provider.signature",
        "sources.c.settings",
        "sources.d.settings",
        "sources.e.settings",
        "sources.f.provider",
        "sources.g.secrets",
      ]),
    );
    expect(JSON.stringify(result)).toContain("Nearest: github");
  });

  it.each([["{"], ["[]"], ["just text"], ["a: 1\na: 2"]])("refuses a file that is no mapping: %s", (yaml) => {
    expect(load(yaml).ok).toBe(false);
  });

  it.each([
    [
      join(import.meta.dirname, "absent.yaml"),
      /^config_not_found: expected a file at .*absent\.yaml, there is none$/,
    ],
    [import.meta.dirname, /^config_unreadable: expected a file at .* that can be read, got EISDIR$/],
  ])("says which file it cannot read: %s", (path, message) => {
    const result = loadConfig({
      env: { HOOKS_CONFIG: path },
      readFile: (one) => readFileSync(one, "utf8"),
    });
    const expected = { path: "HOOKS_CONFIG", message: expect.stringMatching(message) as unknown };
    expect(result).toEqual({ ok: false, problems: [expected] });
  });

  it("says where a file is no YAML", () => {
    expect(load("a: 1\na: 2")).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringMatching(/^config_invalid: .*line 2/) as unknown }],
    });
  });
});

describe("config.schema.json", () => {
  it("has every key that is read, and no other", () => {
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../config.schema.json"), "utf8")) as {
      properties: object;
      $defs: { source: { properties: object } };
    };
    const result = load("sources: { a: { provider: github, secrets: [s] } }");
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { sources } = result.config;
    // Rows of one's own are read into the sources that name them.
    const keys = [...Object.keys(result.config), "providers"];
    expect(Object.keys(schema.properties).toSorted()).toEqual(keys.toSorted());
    const ofSource = Object.keys(sources["a"] ?? {});
    expect(Object.keys(schema.$defs.source.properties).toSorted()).toEqual(ofSource.toSorted());
  });

  it("knows the providers there are", () => {
    const file = join(import.meta.dirname, "../config.schema.json");
    const schema = JSON.parse(readFileSync(file, "utf8")) as {
      $defs: { source: { properties: { provider: { anyOf: [{ enum: string[] }] } } } };
    };
    expect(schema.$defs.source.properties.provider.anyOf[0].enum).toEqual(Object.keys(providers));
  });

  it("knows what a row of one's own may have", () => {
    const file = join(import.meta.dirname, "../provider.schema.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject(
      JSON.parse(JSON.stringify(providerSchema)) as object,
    );
  });
});
