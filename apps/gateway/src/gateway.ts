import { memoryUsage } from "node:process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createEgress } from "@hooks/egress";
import { createDrain } from "@hooks/http-server";
import type { FetchKey } from "@hooks/signing/providers";
import { addressEvents, createFetchKey, createReceive, createRelay, type Inbox } from "@hooks/receiver";
import { createApp } from "./app.ts";
import type { Config } from "./config.ts";
import { createLimits } from "./limits.ts";
import { createMetrics, type Gauge } from "./metrics.ts";
import { openDestinations } from "./open-destination.ts";
import { isRedis, openInbox } from "./open.ts";
import { createReports, type Log } from "./report.ts";
import { createSecretKeeper } from "./secret-keeper.ts";
import { createHttpServer } from "./server.ts";

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Log;
  /** Fetches keys that providers publish, and links that they want followed. Default: from the internet, guarded. */
  readonly fetchKey?: FetchKey;
}

/** The whole gateway in one process. */
export interface Gateway {
  readonly inbox: Inbox;
  /** Listens and relays; gives the port. */
  start(): Promise<number>;
  /**
   * Refuses what is new, answers every request that is under way, finishes the deliveries in flight, and lets go of
   * everything. What is waiting stays in the inbox.
   */
  stop(): Promise<void>;
}

/** Time for what is in flight when the process is told to end. */
const drainMs = 15_000;

/**
 * Puts the gateway together; nothing listens before `start`.
 *
 * @throws MissingPackage when the client of a destination is not installed.
 */
export async function createGateway({ config, log, ...options }: GatewayOptions): Promise<Gateway> {
  const { inboxUrl, allowCidrs, allowHttp } = config;
  const egress = createEgress({ allowCidrs, allowHttp });
  const destinations = await openDestinations(config.destinations, egress);
  const inbox = openInbox(config);
  // What is allowed to destinations is not allowed to keys: providers publish them.
  const keyEgress = createEgress();
  const { fetchKey = createFetchKey(keyEgress) } = options;
  const sources = Object.fromEntries(
    Object.entries(config.sources).map(([name, source]) => [name, { ...source, fetchKey }]),
  );
  const limits = createLimits({ sources, redisUrl: isRedis(inboxUrl) ? inboxUrl : undefined });
  const metrics = createMetrics();
  const reports = createReports(log, metrics);
  const { publicUrl, trustedProxies, forwardedHeader } = config;
  const receive = createReceive({
    sources,
    inbox: addressEvents(inbox, sources),
    limits,
    report: reports.request,
    publicUrl,
    trustedProxies,
    forwardedHeader,
    onSecret: createSecretKeeper(config.sources),
  });
  const routes = Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [
      name,
      source.destinations.flatMap((destination) => destinations.get(destination) ?? []),
    ]),
  );
  const relay = createRelay({ inbox, routes, report: reports.relay });
  let stopping = false;
  const app = createApp({
    receive,
    isReady: async () => !stopping && (await isReachable(inbox, Object.keys(sources))),
    metrics: async () => metrics.render(await readGauges(inbox, Object.keys(sources))),
    onError: (error) => log.error({ error: String(error) }, "unexpected error"),
  });
  const server = createHttpServer(app);
  const drain = createDrain(server);

  return {
    inbox,
    start: async () => {
      relay.start();
      server.listen(config.port, config.host);
      await once(server, "listening");
      // A server listening on TCP has an address of this kind.
      return (server.address() as AddressInfo).port;
    },
    stop: async () => {
      stopping = true;
      if (server.listening) await drain();
      await receive.stop();
      await relay.stop({ timeoutMs: drainMs });
      limits.close();
      await Promise.all([...destinations.values()].map((destination) => destination.close()));
      await Promise.all([egress.close(), keyEgress.close(), inbox.close()]);
    },
  };
}

async function isReachable(inbox: Inbox, [source = "readyz"]: readonly string[]): Promise<boolean> {
  return inbox.depth(source).then(
    () => true,
    () => false,
  );
}

async function readGauges(inbox: Inbox, sources: readonly string[]): Promise<Gauge[]> {
  const depths = await Promise.all(
    sources.map(async (source): Promise<Gauge[]> => {
      const depth = await inbox.depth(source).catch(() => undefined);
      if (depth === undefined) return [];
      const labels = { source };
      return [
        { name: "hooks_gateway_inbox_waiting", labels, value: depth.waiting },
        { name: "hooks_gateway_inbox_dead", labels, value: depth.dead },
      ];
    }),
  );
  return [
    ...depths.flat(),
    { name: "process_resident_memory_bytes", labels: {}, value: memoryUsage.rss() },
    { name: "process_start_time_seconds", labels: {}, value: performance.timeOrigin / 1_000 },
  ];
}
