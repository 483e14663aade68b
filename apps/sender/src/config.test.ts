import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configSchema, type Environment, parseConfig } from "./config.ts";
import { settings } from "./config/settings.ts";

const KEY = "k".repeat(32);

function parseWith(env: Environment, files: Readonly<Record<string, string>> = {}) {
  return parseConfig(env, (path) => {
    const content = files[path];
    if (content === undefined) throw new Error("ENOENT");
    return content;
  });
}

function problemsOf(env: Environment, files = {}): readonly string[] {
  const parsed = parseWith(env, files);
  return parsed.ok ? [] : parsed.problems;
}

function configOf(env: Environment, files = {}) {
  const parsed = parseWith(env, files);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.config;
}

describe("parseConfig", () => {
  it("starts without any configuration", () => {
    expect(configOf({})).toEqual({
      host: "127.0.0.1",
      port: 4000,
      databaseUrl: "sqlite:./data/sender.db",
      redisUrl: undefined,
      adminKey: undefined,
      allowCidrs: [],
      allowHttp: false,
      proxyUrl: undefined,
      contracts: "@hooks/contracts",
      durability: "strict",
      logLevel: "info",
      ratePerSecond: 100,
      rateBurst: 200,
      retentionDays: 90,
    });
  });

  it("reads the environment over the file over the defaults", () => {
    const env = { HOOKS_CONFIG: "c.yaml", PORT: "5000", HOOKS_ALLOW_CIDRS: "127.0.0.0/8, ::1/128", HOST: "" };
    const file = "port: 4001\nallowHttp: true\nallowCidrs: [10.0.0.0/8]\ncontracts: ./schemas\n";
    expect(configOf(env, { "c.yaml": file })).toMatchObject({
      host: "127.0.0.1",
      port: 5000,
      allowHttp: true,
      allowCidrs: ["127.0.0.0/8", "::1/128"],
      contracts: "./schemas",
    });
  });

  it("allows what the guard of outgoing requests allows", () => {
    const addresses = "10.1.2.3, fd00::1";
    expect(parseWith({ HOOKS_ALLOW_CIDRS: addresses })).toMatchObject({
      config: { allowCidrs: ["10.1.2.3", "fd00::1"] },
    });
    for (const text of ["10.0.0.0/99", "localhost", ",", "10.0.0.0/8,x"])
      expect(problemsOf({ HOOKS_ALLOW_CIDRS: text })).toHaveLength(1);
  });

  it("takes the proxies that the guard of outgoing requests takes", () => {
    const proxyUrl = "http://me:hunter2@proxy.internal:4750";
    expect(parseWith({ HOOKS_PROXY_URL: proxyUrl })).toMatchObject({ config: { proxyUrl } });
    for (const text of ["socks5://proxy:1080", "proxy:4750"])
      expect(problemsOf({ HOOKS_PROXY_URL: text })).toHaveLength(1);
  });

  it("reports every problem at once, and no value", () => {
    const env = {
      HOOKS_CONFIG: "c.yaml",
      PORT: "http",
      DATABASE_URL: "mysql://root:hunter2@db/hooks",
      HOOKS_ADMIN_KEY: "hunter2",
      HOOKS_ALLOW_CIDRS: "10.0.0.0/99",
      HOOKS_ALLOW_HTTP: "yes",
      HOOKS_MASTER_KEY: "a:hunter2",
    };
    const problems = problemsOf(env, { "c.yaml": "prot: 1\nrateBurst: 10\n" });
    const subjects = problems.map((problem) => problem.split(":")[0]);
    expect(subjects.toSorted()).toEqual([
      "DATABASE_URL",
      "HOOKS_ADMIN_KEY",
      "HOOKS_ALLOW_CIDRS",
      "HOOKS_ALLOW_HTTP",
      "HOOKS_MASTER_KEY",
      "HOOKS_RATE_BURST",
      "PORT",
      "prot",
    ]);
    expect(problems.join()).not.toContain("hunter2");
  });

  it("takes both kinds of databases, and no URL that is none", () => {
    for (const databaseUrl of [
      "sqlite:/var/lib/s.db",
      "postgres://me:x@db/hooks",
      "postgresql://db:5433/hooks",
    ])
      expect(parseWith({ DATABASE_URL: databaseUrl })).toMatchObject({ config: { databaseUrl } });
    for (const databaseUrl of [
      "postgres:",
      "postgres://",
      "postgres://me:x@db:port/hooks",
      "sqlite:",
      "pg://db",
    ])
      expect(problemsOf({ DATABASE_URL: databaseUrl })).toHaveLength(1);
  });

  it("takes several master keys, also from a file, and repeats none that is wrong", () => {
    const one = randomBytes(32).toString("base64");
    const masterKeys = `k2:${one},k1:${randomBytes(32).toString("base64")}`;
    expect(configOf({ HOOKS_MASTER_KEY: masterKeys }).masterKeys).toBe(masterKeys);
    expect(configOf({ HOOKS_MASTER_KEY_FILE: "/k" }, { "/k": `${masterKeys}\n` }).masterKeys).toBe(
      masterKeys,
    );
    for (const text of [one, `k1:${one.slice(4)}`, `k1:${one},k1:${one}`]) {
      const [problem = "", ...others] = problemsOf({ HOOKS_MASTER_KEY: text });
      expect(problem).toMatch(/^HOOKS_MASTER_KEY: expected /);
      expect(problem).not.toContain(one.slice(4));
      expect(others).toEqual([]);
    }
  });

  it("asks for keys in production", () => {
    expect(problemsOf({ NODE_ENV: "production" })).toEqual([
      "HOOKS_ADMIN_KEY: required in production (NODE_ENV=production)",
      "HOOKS_MASTER_KEY: required in production (NODE_ENV=production)",
    ]);
    const HOOKS_MASTER_KEY = `k1:${randomBytes(32).toString("base64")}`;
    const env = { NODE_ENV: "production", HOOKS_ADMIN_KEY: KEY, HOOKS_MASTER_KEY };
    expect(configOf(env)).toMatchObject({ adminKey: KEY, masterKeys: HOOKS_MASTER_KEY });
  });

  it("reads secrets from files, one way only", () => {
    const files = { "/run/key": `${KEY}\n` };
    expect(configOf({ HOOKS_ADMIN_KEY_FILE: "/run/key" }, files).adminKey).toBe(KEY);
    expect(problemsOf({ HOOKS_ADMIN_KEY_FILE: "/none" })).toEqual([
      "HOOKS_ADMIN_KEY_FILE: the file /none cannot be read",
    ]);
    expect(problemsOf({ HOOKS_ADMIN_KEY_FILE: "/run/key", HOOKS_ADMIN_KEY: KEY }, files)).toHaveLength(1);
  });

  it("puts variables into the file, and reports those that are not set", () => {
    const files = { c: 'adminKey: "${KEY}"\nallowCidrs: ["${RANGE}"]\nport: "${P}"' };
    const env = { HOOKS_CONFIG: "c", KEY, RANGE: "10.0.0.0/8", P: "4001" };
    expect(configOf(env, files)).toMatchObject({ adminKey: KEY, allowCidrs: ["10.0.0.0/8"], port: 4001 });
    expect(problemsOf({ HOOKS_CONFIG: "c", KEY }, files)).toEqual([
      "port: the variable P is not set",
      "allowCidrs: the variable RANGE is not set",
    ]);
  });

  it.each(["[", "- a\n- b", "text", "contracts: !not-quoted schemas"])("refuses the file %j", (file) => {
    expect(problemsOf({ HOOKS_CONFIG: "c" }, { c: file })).toHaveLength(1);
  });
});

describe("the README", () => {
  it("shows a file that is a configuration", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const [, file = ""] = /```yaml\n([^]*?)```/.exec(readme) ?? [];
    const config = configOf({ HOOKS_CONFIG: "c", DATABASE_PASSWORD: "x", SENDER_KEY: KEY }, { c: file });
    expect(config).toMatchObject({ adminKey: KEY, contracts: "./schemas", allowCidrs: ["10.20.0.0/16"] });
  });

  it("names every action in its table", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const words = ["test", "pause", "resume", "disable", "enable", "secret/rotate", "retry", "cancel"];
    for (const word of words) expect(readme).toContain(`/${word}\``);
  });
});

describe("configSchema", () => {
  it("is what is published", () => {
    const published = readFileSync(new URL("../config.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published)).toEqual(configSchema());
  });

  it("has every setting in the README's table", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = Object.entries(settings).map(([name, { env, fallback, description }]) => {
      const value = fallback === undefined ? "" : `\`${Array.isArray(fallback) ? "[]" : String(fallback)}\``;
      return `| \`${env}\` | \`${name}\` | ${value} | ${description} |`.replaceAll(/ +/g, " ");
    });
    expect(rows.filter((row) => !readme.replaceAll(/ +/g, " ").includes(row))).toEqual([]);
  });
});
