import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Death, startChild } from "./child.ts";
import type { Cleanup } from "./cleanup.ts";
import { type ConsumerOptions, startConsumer } from "./consumer.ts";
import { renderGatewayConfig } from "./gateway-config.ts";
import type { LogLine } from "./log-line.ts";
import { findPort } from "./port.ts";
import { createSenderApi, type SenderApi } from "./sender-api.ts";

export interface StackOptions extends Omit<ConsumerOptions, "port"> {
  /** A line that sender or gateway wrote. */
  readonly onLine: (line: LogLine) => void;
  readonly onDeath: (death: Death) => void;
}

/** Sender, gateway and consumer, connected with each other. */
export interface Stack {
  readonly senderUrl: string;
  readonly gatewayUrl: string;
  readonly consumerUrl: string;
  readonly api: SenderApi;
  readonly apiKey: string;
  readonly githubSecret: string;
}

/** Starts everything on an empty folder, with secrets of its own. */
export async function startStack(options: StackOptions, cleanup: Cleanup): Promise<Stack> {
  const { onLine, onDeath } = options;
  const folder = await mkdtemp(join(tmpdir(), "hooks-demo-"));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const consumerUrl = await startConsumer({ ...options, port: await findPort(4200) }, cleanup);

  const gatewayPort = await findPort(4100);
  const apiKey = randomBytes(24).toString("base64url");
  const githubSecret = randomBytes(24).toString("base64url");
  const start = (name: string, environment: Readonly<Record<string, string>>) =>
    startChild({ name, script: scriptOf(name), folder, environment, onLine, onDeath }, cleanup);

  const senderUrl = await start("sender", {
    ...shared,
    PORT: String(await findPort(4000)),
    DATABASE_URL: `sqlite:${join(folder, "sender.db")}`,
    HOOKS_ADMIN_KEY: apiKey,
  });
  const api = createSenderApi(senderUrl, apiKey);
  const billingSecret = await api.subscribe("Demo", `http://127.0.0.1:${gatewayPort}/in/billing`);

  const configFile = join(folder, "gateway.yaml");
  await writeFile(configFile, renderGatewayConfig(consumerUrl));
  const gatewayUrl = await start("gateway", {
    ...shared,
    PORT: String(gatewayPort),
    INBOX_URL: `sqlite:${join(folder, "gateway.db")}`,
    HOOKS_CONFIG: configFile,
    BILLING_SECRET: billingSecret,
    GITHUB_SECRET: githubSecret,
  });
  return { senderUrl, gatewayUrl, consumerUrl, api, apiKey, githubSecret };
}

/** All of the demo is on this machine, so the apps may talk to it. */
const shared = { HOST: "127.0.0.1", HOOKS_ALLOW_CIDRS: "127.0.0.0/8", HOOKS_ALLOW_HTTP: "true" };

function scriptOf(app: string): string {
  return fileURLToPath(new URL(`../../../apps/${app}/dist/main.js`, import.meta.url));
}
