import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { silentLog } from "./test-support/silent-log.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Config, loadConfig } from "./config.ts";
import { createGateway, type Gateway } from "./gateway.ts";

const secret = generateSecret();
let gateway: Gateway;
let url: string;
beforeEach(async () => {
  gateway = await createGateway({
    config: configOf({}),
    log: silentLog,
    fetchKey: () => Promise.reject(new Error("away")),
  });
  url = `http://127.0.0.1:${await gateway.start()}`;
});
afterEach(() => gateway.stop());

function configOf({ burst = 30, more = {} }): Config {
  const billing = {
    provider: "standard-webhooks",
    secrets: [secret],
    rateLimit: { perSecond: 1, burst },
  };
  const plaid = { provider: "plaid", secrets: ["s"], settings: { clientId: "c" } };
  const loaded = loadConfig({
    env: { HOOKS_CONFIG: "gateway.json", PORT: "0", INBOX_URL: "sqlite::memory:" },
    readFile: () => JSON.stringify({ sources: { billing, plaid, ...more }, durability: "relaxed" }),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

let count = 0;
async function send(path = "billing", headers = {}): Promise<number> {
  const body = "{}";
  const signed = { ...generateTestHeaders({ body, secret, id: `e${(count += 1)}` }), ...headers };
  const response = await fetch(`${url}/in/${path}`, { method: "POST", body, headers: signed });
  await response.text();
  return response.status;
}
const forged = { "webhook-signature": "v1,AAAA" };
const sendForged = async () => {
  const statuses = await Promise.all(Array.from({ length: 60 }, () => send("billing", forged)));
  return new Set(statuses);
};

describe("a source that is removed", () => {
  it("leaves its events in the inbox, which is told once", async () => {
    const lines: unknown[] = [];
    await gateway.stop();
    gateway = await createGateway({
      config: configOf({ more: { other: { provider: "standard-webhooks", secrets: [secret] } } }),
      log: { ...silentLog, warn: (...line) => void lines.push(line) },
    });
    url = `http://127.0.0.1:${await gateway.start()}`;
    expect([await send("other"), await send("other"), await send()]).toEqual([202, 202, 202]);
    await gateway.reload(configOf({}));
    const told = "events of a removed source wait until it is configured again";
    expect(lines).toEqual([[{ source: "other", waiting: 2 }, told]]);
    expect((await gateway.inbox.depth("other")).waiting).toBe(2);
    await gateway.reload(configOf({}));
    expect(lines).toHaveLength(1);
  });
});

describe("what a gateway knows of limits", () => {
  it("outlives a new configuration where the limit is the same", async () => {
    const statuses = await Promise.all(Array.from({ length: 30 }, () => send()));
    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(await send()).toBe(429);
    await gateway.reload(configOf({ more: { other: { provider: "github", secrets: ["s"] } } }));
    expect(await send()).toBe(429);
    await gateway.reload(configOf({ burst: 31 }));
    expect(await send()).toBe(202);
  });

  it("keeps a provider known, so that forgeries from its address do not keep it out", async () => {
    expect(await send()).toBe(202);
    await gateway.reload(configOf({}));
    expect(await sendForged()).toEqual(new Set([401]));
    expect(await send()).toBe(202);
  });

  it("does not count against a client that a key could not be fetched", async () => {
    const headers = { "plaid-verification": jwt() };
    const statuses = Array.from({ length: 80 }, () => send("plaid", headers));
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([503]));
    expect(await send()).toBe(202);
  });
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function jwt(): string {
  const iat = Math.floor(Date.now() / 1_000);
  return `${part({ alg: "ES256", kid: "k", typ: "JWT" })}.${part({ iat, request_body_sha256: "a" })}.${"A".repeat(86)}`;
}
