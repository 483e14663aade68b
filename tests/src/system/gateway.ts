import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { generateTestHeaders } from "@hooks/signing";
import { type App, freePort, spawnApp } from "@hooks/testkit";
import type { Answer, Client } from "./client.ts";

const gatewayMain = fileURLToPath(new URL("../../../apps/gateway/dist/main.js", import.meta.url));

/** Entries of one source that the relay may have in flight; what a kill may deliver twice. */
export const relayConcurrency = 64;

/** The gateway as a process that can be killed and started again on the same inbox and port. */
export interface GatewayProcess {
  readonly url: string;
  app(): App;
  start(): Promise<void>;
}

export interface GatewayProcessOptions {
  readonly folder: string;
  readonly secret: string;
  /** Where everything is forwarded. */
  readonly destination: string;
  /** Default: a SQLite file in the folder. */
  readonly inboxUrl?: string;
}

export async function startGateway(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { folder, secret, destination, inboxUrl = `sqlite:${join(folder, "gateway.db")}` } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, "gateway.yaml");
  const source = `{ provider: standard-webhooks, secrets: ["\${BILLING_SECRET}"], destinations: [consumer], rateLimit: { perSecond: 100000 } }`;
  writeFileSync(
    file,
    `sources:\n  billing: ${source}\ndestinations:\n  consumer: { type: http, url: "${destination}" }\n`,
  );
  const env = {
    HOOKS_CONFIG: file,
    PORT: String(port),
    INBOX_URL: inboxUrl,
    BILLING_SECRET: secret,
    HOOKS_ALLOW_CIDRS: "127.0.0.0/8",
    HOOKS_ALLOW_HTTP: "true",
  };
  const launch = () => spawnApp({ main: gatewayMain, env, readyUrl: `${url}/readyz` });
  let app = await launch();
  return {
    url,
    app: () => app,
    start: async () => {
      app = await launch();
    },
  };
}

/** Sends a signed request straight to the gateway. */
export function sendSigned(
  client: Client,
  { id, body, secret }: { readonly id: string; readonly body: Uint8Array; readonly secret: string },
): Promise<Answer> {
  const signature = generateTestHeaders({ id, body, secret });
  return client.post("/in/billing", body, { "content-type": "application/json", ...signature });
}

/** A sample of the gateway's metrics since its start; 0 when there is none yet. */
export async function readMetric(url: string, sample: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${sample} `));
  return Number(line?.slice(sample.length) ?? 0);
}
