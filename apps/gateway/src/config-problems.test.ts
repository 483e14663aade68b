import { describe, expect, it, vi } from "vitest";
import { loadConfig } from "./config.ts";

/** What is said of a file, a line for each problem. */
function said(yaml: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const readFile = (path: string) => {
    if (path === "gateway.yaml") return yaml;
    throw Object.assign(new Error("There is none"), { code: "ENOENT" });
  };
  const result = loadConfig({ env: { HOOKS_CONFIG: "gateway.yaml", ...env }, readFile });
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe("the problems of a configuration", () => {
  it.each([
    ["sources.a.secrets.0", 'sources: { a: { provider: standard-webhooks, secrets: ["${NONE}"] } }'],
    ["sources.a.secretsFrom", 'sources: { a: { provider: github, secretsFrom: "${NONE}" } }'],
    ["sources.a.provider", 'sources: { a: { provider: "${NONE}", secrets: [s] } }'],
    [
      "sources.a.destinations.0",
      'sources: { a: { provider: github, secrets: [s], destinations: ["${NONE}"] } }',
    ],
    [
      "sources.a.settings.notificationUrl",
      'sources: { a: { provider: square, secrets: [s], settings: { notificationUrl: "${NONE}" } } }',
    ],
    [
      "providers.p.kind",
      'providers: { p: { kind: "${NONE}" } }\nsources: { a: { provider: p, secrets: [s] } }',
    ],
    ["destinations.d.type", 'destinations: { d: { type: "${NONE}", url: "redis://a", stream: s } }'],
    ["destinations.d.url", 'destinations: { d: { type: http, url: "https://${NONE}" } }'],
    ["inboxUrl", 'inboxUrl: "${NONE}"'],
    ["proxyUrl", 'proxyUrl: "${NONE}"'],
    ["allowCidrs.0", 'allowCidrs: ["${NONE}"]\ndestinations: { d: { type: http, url: "https://10.0.0.1" } }'],
  ])("are only that a variable is not set: %s", (path, yaml) => {
    expect(said(yaml)).toEqual([`${path}: the variable NONE is not set`]);
  });

  it.each(["${BILLING-SECRET}", "a${}", "${NONE:-s}", "${ NONE }", "$${1A}", "${NONE"])(
    "are what only looks like a variable, and would be the secret: %s",
    (secret) => {
      expect(said(`sources: { a: { provider: github, secrets: ["${secret}"] } }`)).toEqual([
        "sources.a.secrets.0: expected ${NAME}, a variable of letters, digits and _",
      ]);
    },
  );

  it("are only that the file of a variable cannot be read, however often it is used", () => {
    const source = '{ provider: standard-webhooks, secrets: ["${NONE}", "${NONE}"] }';
    const problems = said(`sources: { a: ${source}, b: ${source} }`, { NONE_FILE: "/run/none" });
    expect(problems).toEqual([expect.stringMatching(/^NONE_FILE: /)]);
    const inbox = said("replicas: 1", { INBOX_URL_FILE: "/run/none" });
    expect(inbox).toEqual([expect.stringMatching(/^INBOX_URL_FILE: /)]);
  });

  it.each([
    ["sources: { a: github }", "sources.a: expected a mapping"],
    ["sources: { a: { provider: github, secrets: s } }", "sources.a.secrets: expected a list of texts"],
    ['sources: { a: { provider: github, secrets: [""] } }', "sources.a.secrets: expected a list of texts"],
    ["sources: { a: { provider: github, secretsFrom: none } }", "sources.a.secretsFrom: "],
    ["providers: [p]\nsources: { a: { provider: p, secrets: [s] } }", "providers: expected a mapping"],
    [
      "sources: { a: { provider: github, secrets: [s], destinations: [d] } }\ndestinations: [d]",
      "destinations: expected a mapping",
    ],
    [
      "sources: { a: { provider: github, secrets: [s], rateLimit: { perSecond: 0, burst: 9 } } }",
      "sources.a.rateLimit.perSecond: expected a whole number from 1 to 1000000",
    ],
    [
      "sources: { a: { provider: github, secrets: [s], rateLimit: { burst: 9 } } }",
      "sources.a.rateLimit.burst: expected at least perSecond, which is 200",
    ],
    [
      'destinations: { d: { type: kafka, url: "kafka://a", topic: t } }',
      "destinations.d.type: expected one of http, redis-stream, bullmq, rabbitmq, nats",
    ],
    ["destinations: { d: { type: http, url: 5 } }", "destinations.d.url: expected text"],
    [
      'allowHttp: yes\ndestinations: { d: { type: http, url: "http://a.example.com" } }',
      "allowHttp: expected true or false",
    ],
    ["inboxUrl: mysql://a", "inboxUrl: expected sqlite:PATH, "],
    ["inboxUrl: 5\nreplicas: 1", "inboxUrl: expected text"],
    ["inboxUrl: 'sqlite:file:a.db?mode=memory'", "inboxUrl: expected sqlite:PATH, "],
  ])("are one where others would follow from it: %s", (yaml, problem) => {
    expect(said(yaml)).toEqual([expect.stringContaining(problem)]);
  });

  it.each(["$.data.id", "/data/id", "data.items[0].id", "data..id", ".id", "id.", "items[*].id", "data.*"])(
    "are a path to order by that leads nowhere: %s",
    (path) => {
      expect(said(`sources: { a: { provider: github, secrets: [s], orderBy: "${path}" } }`)).toEqual([
        "sources.a.orderBy: expected names with dots between, such as data.object.id",
      ]);
      const fine = "sources: { a: { provider: github, secrets: [s], orderBy: data.0.Some-id $x } }";
      expect(said(fine)).toEqual([]);
    },
  );

  it("are ranges that let nobody in, and replicas that there are none of", () => {
    const problems = said("replicas: 1\nsources: { a: { provider: github, secrets: [s], allowFrom: [] } }");
    expect(problems).toEqual([
      "sources.a.allowFrom: expected at least one range; without it, anybody",
      "replicas: expected an inbox in Redis: SQLite has no replicas",
    ]);
    expect(said("replicas: 1", { INBOX_URL: "redis://a" })).toEqual([]);
    expect(said("replicas: 0")).toEqual([]);
  });

  it.each(["*s3cr3t", "!s3cr3t", "!s3cr3t more", "|s3cr3t", "!!int s3cr3t"])(
    "are quotes that are missing around what YAML takes for something else, which is not repeated: %s",
    (secret) => {
      const warn = vi.spyOn(process, "emitWarning");
      const [problem, ...others] = said(
        `sources:\n  a:\n    provider: github\n    secrets:\n      - ${secret}\n`,
      );
      expect(problem).toMatch(/^HOOKS_CONFIG: config_invalid: expected YAML in gateway.yaml: /);
      expect(problem).not.toContain("s3cr3t");
      if (!secret.startsWith("|")) expect(problem).toContain("is written with quotes");
      expect(others).toEqual([]);
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
    },
  );

  it("are quotes that are missing around a variable", () => {
    const hint = 'within [] and {} a variable is written with quotes, "${NAME}"';
    expect(said("sources:\n  a: { provider: github, secrets: [${NONE}] }")).toEqual([
      expect.stringMatching(
        /^HOOKS_CONFIG: config_invalid: expected YAML in gateway.yaml: .* at line 2, column \d+; /,
      ),
    ]);
    expect(said("sources: { a: { provider: github, secrets: [${NONE}] } }")[0]).toContain(hint);
    expect(said("destinations:\n  d: { type: nats, token: ${NONE} }")[0]).toContain(hint);
    expect(said("host: ${NONE}\nsources: {")[0]).not.toContain(hint);
    expect(said("sources: {")[0]).not.toContain(hint);
    expect(said("sources: {\n")[0]).toMatch(/line \d+, column \d+$/);
  });

  it("are all of those that do not follow from one another", () => {
    const source = '{ provider: githup, secret: "${NONE}", secrets: [1], rateLimit: 5, x: 1 }';
    const problems = said(`sources: { a: ${source}, b: {} }\ndestinations: { d: { type: http } }\nport: x`);
    expect(problems.map((line) => line.split(": ", 1)[0]).toSorted()).toEqual([
      "destinations.d.url",
      "port",
      "sources.a.provider",
      "sources.a.rateLimit",
      "sources.a.secret",
      "sources.a.secret",
      "sources.a.secrets",
      "sources.a.x",
      "sources.b.provider",
    ]);
  });

  it.each(["HOOKS_ALLOW_CIDRS", "HOOKS_PROXY_URL", "INBOX_URL", "PORT"])(
    "name the variable that goes over the file: %s",
    (name) => {
      const file = "allowCidrs: [10.0.0.0/8]\nproxyUrl: http://a:1\ninboxUrl: sqlite:a\nport: 1";
      expect(said(file, { [name]: "what?" })).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
    },
  );
});
