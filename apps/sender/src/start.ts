import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createDrain } from "@hooks/http-server";
import { createSender, type Finding } from "@hooks/sender";
import { Redis } from "ioredis";
import type { Logger } from "pino";
import { createApp } from "./app.ts";
import type { Config } from "./config.ts";
import { importContracts } from "./contracts.ts";
import { createReport } from "./log-report.ts";
import { createMetrics } from "./metrics.ts";
import { describeNetwork } from "./network.ts";
import { createLimit, windowOf } from "./rate-limit.ts";
import { createHttpServer } from "./server.ts";
import { openStore } from "./open-store.ts";

export interface StartOptions {
  readonly config: Config & { readonly adminKey: string };
  readonly workingFolder: string;
  readonly log: Logger;
  /** Gets what the store says about itself, before anything is accepted. */
  readonly onFinding: (finding: Finding) => void;
}

/** A sender that delivers and listens. */
export interface RunningApp {
  readonly url: string;
  /** Refuses to be ready, answers what has been asked, finishes what is in flight, and closes everything. */
  stop(): Promise<void>;
}

/** Starts everything. Throws an `Error` that says why it cannot be started. */
export async function start({ config, workingFolder, log, onFinding }: StartOptions): Promise<RunningApp> {
  const metrics = createMetrics();
  const sender = createSender({
    contracts: await importContracts({ name: config.contracts, workingFolder }),
    store: openStore(config),
    http: { allowCidrs: config.allowCidrs, allowHttp: config.allowHttp, proxyUrl: config.proxyUrl },
    retention: { days: config.retentionDays },
    report: createReport(log, metrics),
  });
  const redis = config.redisUrl === undefined ? undefined : connect(config.redisUrl, log);
  const close = async () => {
    await sender.stop();
    redis?.disconnect();
  };
  let isOpen = true;
  try {
    for (const message of describeNetwork(config)) log.warn(`self-check: ${message}`);
    checkStore(await sender.selfCheck(), { config, onFinding });
    const limits = createLimits(config, redis);
    const { adminKey } = config;
    const app = createApp({ sender, metrics, log, adminKey, ...limits, isOpen: () => isOpen });
    await sender.start();
    const server = createHttpServer(app);
    const drain = createDrain(server);
    server.listen(config.port, config.host);
    await once(server, "listening");
    return {
      url: urlOf(config.host, server.address() as AddressInfo),
      async stop() {
        isOpen = false;
        // Others take over what this one delivers while it answers what it was asked.
        await Promise.all([drain(), sender.stopDelivering()]);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkStore(
  findings: readonly Finding[],
  { config, onFinding }: Pick<StartOptions, "config" | "onFinding">,
): void {
  for (const finding of findings) onFinding(finding);
  if (config.durability === "strict" && findings.some(({ level }) => level === "unsafe"))
    throw new Error("The store may lose what it has answered; set HOOKS_DURABILITY=relaxed to start anyway");
}

function createLimits({ ratePerSecond, rateBurst }: Config, redis: Redis | undefined) {
  const window = windowOf({ perSecond: ratePerSecond, burst: rateBurst });
  return {
    requests: createLimit({ name: "requests", redis, ...window }),
    failures: createLimit({ name: "failures", redis, points: 10, windowSeconds: 60 }),
  };
}

function urlOf(host: string, { port }: AddressInfo): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** For limits only: whatever takes longer than a tenth of a second is counted without it. */
function connect(url: string, log: Logger): Redis {
  const redis = new Redis(url, { commandTimeout: 100, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  let isAway = false;
  redis.on("ready", () => {
    if (isAway) log.info("limits are shared through Redis again");
    isAway = false;
  });
  redis.on("error", (error: Error) => {
    if (!isAway) log.warn({ error: error.message }, "Redis is away; this process counts its limits alone");
    isAway = true;
  });
  return redis;
}
