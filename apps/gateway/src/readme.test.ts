import { readFileSync } from "node:fs";
import { generateSecret } from "@hooks/signing";
import { refusals } from "@hooks/receiver";
import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";

const secret = generateSecret();
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

function configOf(file: string) {
  const env = { HOOKS_CONFIG: "gateway.yaml", BILLING_SECRET: secret };
  const loaded = loadConfig({ env, readFile: () => file });
  return loaded.ok ? loaded.config : loaded.problems;
}

/** What only a receiver inside an application answers. */
const inApplications = new Set([
  "body_already_parsed",
  "event_in_progress",
  "gone",
  "handler_failed",
  "handler_timeout",
  "retry_later",
  "unknown_version",
]);

describe("the README", () => {
  it("has every code with its status, wait and meaning", () => {
    const text = readme.replaceAll(/ +/g, " ");
    const answered = Object.entries(refusals).filter(([code]) => !inApplications.has(code));
    const rows = answered.map(([code, row]) => {
      const wait = "retryAfterSeconds" in row ? ` ${row.retryAfterSeconds} ` : " ";
      return `| \`${code}\` | ${row.status} |${wait}| ${row.detail} |`;
    });
    expect(rows.filter((row) => !text.includes(row))).toEqual([]);
    expect([...text.matchAll(/^\| `\w+` \| \d{3} \|/gm)]).toHaveLength(rows.length);
  });

  it("shows rows of one's own that can be used", () => {
    const file = /```yaml\n(providers:\n.*?)```/s.exec(readme)?.[1] ?? "";
    const env = { HOOKS_CONFIG: "gateway.yaml", SHOP_SECRET: "a", ALARM_TOKEN: "b", SQUARE_SECRET: "c" };
    const loaded = loadConfig({ env, readFile: () => file });
    expect(loaded).toMatchObject({ ok: true, config: { sources: { orders: { provider: { id: "shop" } } } } });
  });

  it("shows a file with every key, whose values are the defaults", () => {
    const file = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? "";
    const least = `
sources:
  billing: { provider: standard-webhooks, secrets: ["${secret}"], destinations: [orders, audit] }
destinations:
  orders: { type: http, url: "https://orders.example.com/events" }
  audit: { type: redis-stream, url: "redis://127.0.0.1:6379", stream: audit }`;
    expect(configOf(file)).toEqual(configOf(least));
    const schema: unknown = JSON.parse(
      readFileSync(new URL("../config.schema.json", import.meta.url), "utf8"),
    );
    const keys = [...keysOf(schema)];
    expect(keys).toEqual(expect.arrayContaining(["inboxUrl", "rateLimit", "burst", "timeoutMs", "stream"]));
    expect(keys.filter((key) => !file.includes(`${key}:`))).toEqual([]);
  });
});

/** The names of all properties a JSON Schema speaks of. */
function keysOf(schema: unknown): Set<string> {
  if (typeof schema !== "object" || schema === null) return new Set();
  const named = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return new Set([...named, ...Object.values(schema).flatMap((part) => [...keysOf(part)])]);
}
