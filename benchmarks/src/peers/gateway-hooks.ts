// Ours: the gateway's own entry point, in this process, configured as it is in production.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freePort } from "@hooks/testkit";
import type { Scheme } from "../load.ts";
import { runPeer } from "./run-peer.ts";

interface Settings {
  readonly secret: string;
  readonly scheme: Scheme;
  /** For the configuration. */
  readonly folder: string;
  readonly inboxUrl: string;
  readonly durability: "strict" | "relaxed";
  /** Default 1: this process alone. */
  readonly workers?: number;
  /** A Redis to relay to; without it events stay in the inbox, as they stay in a peer's queue. */
  readonly relayUrl?: string;
  /** Ranges whose word on where a request came from is taken. Default: none. */
  readonly trustedProxies?: readonly string[];
}

const main = join(import.meta.dirname, "../../../apps/gateway/dist/main.js");

runPeer<Settings>(async ({ secret, scheme, folder, inboxUrl, durability, ...settings }) => {
  const { workers = 1, relayUrl, trustedProxies = [] } = settings;
  const port = await freePort();
  const destinations =
    relayUrl === undefined ? {} : { jobs: { type: "redis-stream", url: relayUrl, stream: "jobs" } };
  const source = {
    provider: scheme,
    secrets: [secret],
    destinations: Object.keys(destinations),
    // On, and never reached.
    rateLimit: { perSecond: 100_000, burst: 200_000 },
  };
  const file = join(folder, `gateway-${port}.yaml`);
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ durability, trustedProxies, sources: { billing: source }, destinations }),
  );
  const env = { HOOKS_CONFIG: file, HOST: "127.0.0.1", PORT: String(port), INBOX_URL: inboxUrl };
  Object.assign(process.env, env);
  // As from a command line: it reads its arguments, and its workers are made of them.
  process.argv.splice(1, Infinity, main, "--workers", String(workers));
  await import(pathToFileURL(main).href);
  return { ready: `http://127.0.0.1:${port}/in/billing` };
});
