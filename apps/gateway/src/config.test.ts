import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateSecret } from "@hooks/signing";
import { providers } from "@hooks/signing/providers";
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
      if (content === undefined) throw new Error("ENOENT");
      return content;
    },
  });
}

const example = `
sources:
  billing: { provider: standard-webhooks, secrets: ["\${BILLING_SECRET}"], destinations: [orders], rateLimit: { perSecond: 200, burst: 400 } }
  github:  { provider: github, secrets: ["\${GITHUB_SECRET}"], destinations: [jobs] }
destinations:
  orders: { type: http, url: "http://127.0.0.1:3000/events" }
  jobs:   { type: redis-stream, url: "redis://127.0.0.1:6379", stream: jobs }
`;
const local = { HOOKS_ALLOW_CIDRS: "127.0.0.0/8", HOOKS_ALLOW_HTTP: "true" };

describe("loadConfig", () => {
  it("has a default for everything", () => {
    const result = load(undefined);
    expect(result).toEqual({
      ok: true,
      config: {
        host: "127.0.0.1",
        port: 4100,
        inboxUrl: "sqlite:./data/gateway.db",
        durability: "strict",
        allowCidrs: [],
        allowHttp: false,
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
      maxBodyBytes: 1_048_576,
    });
    expect(result.config.sources["github"]).toMatchObject({ secrets: ["hush"], destinations: ["jobs"] });
    expect(result.config).toMatchObject({ port: 0, allowHttp: true });
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

  it.each([["{"], ["[]"], ["just text"], ["a: 1\na: 2"]])("refuses a file that is no mapping: %s", (yaml) => {
    expect(load(yaml).ok).toBe(false);
  });

  it("says which file it cannot read", () => {
    const result = loadConfig({
      env: { HOOKS_CONFIG: "absent.yaml" },
      readFile: () => readFileSync("/nonexistent/x", "utf8"),
    });
    expect(result).toMatchObject({ ok: false, problems: [{ path: "HOOKS_CONFIG" }] });
  });
});

describe("config.schema.json", () => {
  it("knows the providers there are", () => {
    const file = join(import.meta.dirname, "../config.schema.json");
    const schema = JSON.parse(readFileSync(file, "utf8")) as {
      $defs: { source: { properties: { provider: { enum: string[] } } } };
    };
    expect(schema.$defs.source.properties.provider.enum).toEqual(Object.keys(providers));
  });
});
