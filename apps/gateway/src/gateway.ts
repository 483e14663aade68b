import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createDrain, type Meet } from "@hooks/http-server";
import type { Inbox } from "@hooks/receiver";
import type { FetchKey } from "@hooks/signing/providers";
import { createApp } from "./app.ts";
import { createClientLimit } from "./client-limit.ts";
import { type Config, needsRestart } from "./config.ts";
import { watchDurability } from "./durability.ts";
import { readGauges } from "./gauges.ts";
import type { LimitsOptions } from "./limits.ts";
import type { Log } from "./log.ts";
import { addUp, createMetrics, type MetricsSnapshot, renderMetrics } from "./metrics.ts";
import { openInbox } from "./open.ts";
import { createReports } from "./report.ts";
import { createHttpServer } from "./server.ts";
import { openSetup, type Setup } from "./setup.ts";
import { createSharedBudgets } from "./shared-budgets.ts";
import { tellLeft } from "./tell-left.ts";

export interface GatewayOptions {
  readonly config: Config;
  /** Since when that holds, in Unix milliseconds. Default: now. */
  readonly sinceMs?: number;
  readonly log: Log;
  /** Fetches keys that providers publish, and links that they want followed. Default: from the internet, guarded. */
  readonly fetchKey?: FetchKey;
  /** Where this is one of several processes that take requests together. */
  readonly siblings?: Siblings;
}

/** The processes of one gateway, this one included. */
export interface Siblings extends Pick<LimitsOptions, "processes" | "openBudget"> {
  /** What all of them have counted. */
  snapshots(): Promise<readonly MetricsSnapshot[]>;
  readonly meet: Meet;
}

/** The gateway in one process. */
export interface Gateway {
  readonly inbox: Inbox;
  /** Listens and relays; gives the port. */
  start(): Promise<number>;
  /**
   * Goes over to another configuration: requests from now on follow it, those under way are answered by the old one, and
   * nothing is dropped. Rejects, and changes nothing, when it cannot be put to work. What only a start can change stays.
   *
   * @param sinceMs Since when it holds. Default: now.
   */
  reload(config: Config, sinceMs?: number): Promise<void>;
  /** What this process has counted. */
  snapshot(): MetricsSnapshot;
  /**
   * Says that it is not ready, and `stopDelayMs` later refuses what is new, answers every request that is under way,
   * finishes the deliveries in flight, and lets go of everything. What is waiting stays in the inbox. Called again it is the
   * same end.
   */
  stop(): Promise<void>;
}

/**
 * Puts the gateway together; nothing listens before `start`.
 *
 * @throws MissingPackage when the client of a destination is not installed.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, sinceMs: startedMs = Date.now(), log, fetchKey, siblings } = options;
  const inbox = openInbox(config);
  const metrics = createMetrics();
  const reports = createReports(log, metrics);
  const { processes = 1, openBudget, snapshots = async () => [metrics.snapshot()] } = siblings ?? {};
  // What is left of limits, and who is known, must not begin anew with a configuration.
  const kept = { clients: createClientLimit(Date.now), openBudget: openBudget ?? createSharedBudgets() };
  const durability = watchDurability({ inbox, durability: config.durability, log });
  const open = (config: Config, sinceMs: number) =>
    openSetup({ config, sinceMs, inbox: durability.inbox, reports, fetchKey, processes, ...kept });
  let current: { readonly config: Config; readonly setup: Setup } = {
    config,
    setup: await open(config, startedMs),
  };
  // Waits for the connection, so that the first look at the inbox is no false alarm; without one it starts all the same.
  await durability.start();
  /** What is being gone over from. */
  const old = new Set<Promise<void>>();
  let stopping = false;
  const app = createApp({
    receive: (request) => current.setup.receive(request),
    isReady: async () =>
      !stopping && durability.isAccepting() && (await isReachable(inbox, current.setup.sources)),
    metrics: async () => {
      const { sources } = current.setup;
      return renderMetrics(
        addUp(await snapshots()),
        await readGauges(inbox, { sources, workers: processes, isDurable: durability.isKept() }),
      );
    },
    onError: (error) => log.error({ error: String(error) }, "unexpected error"),
  });
  const server = createHttpServer(app);
  const drain = createDrain(server, siblings?.meet);
  const stop = async () => {
    stopping = true;
    if (server.listening) {
      await pause(current.config.stopDelayMs);
      await drain();
    }
    await Promise.all([current.setup.stop(), ...old]);
    durability.stop();
    await inbox.close();
  };
  let stopped: Promise<void> | undefined;

  return {
    inbox,
    start: async () => {
      current.setup.start();
      server.listen(config.port, config.host);
      await once(server, "listening");
      // A server listening on TCP has an address of this kind.
      return (server.address() as AddressInfo).port;
    },
    reload: async (next, sinceMs = Date.now()) => {
      for (const name of needsRestart(current.config, next)) {
        log.warn({ name }, "this setting changes with the next start only");
      }
      const setup = await open({ ...next, inboxUrl: config.inboxUrl, replicas: config.replicas }, sinceMs);
      // Stopped meanwhile: what would begin now nobody would end.
      if (stopping) return setup.stop();
      const { setup: before, config: beforeConfig } = current;
      current = { config: next, setup };
      setup.start();
      const ending = before.stop();
      old.add(ending);
      await ending;
      old.delete(ending);
      await tellLeft({ inbox, log, before: beforeConfig.sources, after: next.sources });
    },
    snapshot: () => metrics.snapshot(),
    stop: () => (stopped ??= stop()),
  };
}

async function isReachable(inbox: Inbox, [source = "readyz"]: readonly string[]): Promise<boolean> {
  return inbox.depth(source).then(
    () => true,
    () => false,
  );
}
