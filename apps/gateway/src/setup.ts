import { cwd } from "node:process";
import { createEgress } from "@hooks/egress";
import {
  addressEvents,
  createFetchKey,
  createReceive,
  createRelay,
  type Inbox,
  type Receive,
} from "@hooks/receiver";
import type { FetchKey } from "@hooks/signing/providers";
import type { Config } from "./config.ts";
import { importContracts } from "./contracts.ts";
import { createLimits, type LimitsOptions } from "./limits.ts";
import { openDestinations } from "./open-destination.ts";
import { isRedis } from "./open.ts";
import type { Reports } from "./report.ts";
import { createSecretKeeper } from "./secret-keeper.ts";

/** What a configuration is turned into: the way in and the way out. Another one takes its place when it changes. */
export interface Setup {
  readonly receive: Receive;
  /** Names of its sources. */
  readonly sources: readonly string[];
  /** Begins to relay. */
  start(): void;
  /** Answers every request that is under way, finishes the deliveries in flight, and lets go of everything. */
  stop(): Promise<void>;
}

export interface SetupOptions extends Pick<LimitsOptions, "clients" | "processes" | "openBudget"> {
  readonly config: Config;
  /** Since when it holds, for all processes of this gateway. */
  readonly sinceMs: number;
  readonly inbox: Inbox;
  readonly reports: Reports;
  readonly fetchKey?: FetchKey | undefined;
}

/** Time for deliveries in flight. */
const drainMs = 15_000;

/** @throws MissingPackage when the client of a destination is not installed; Error for contracts that are none. */
export async function openSetup({
  config,
  sinceMs,
  inbox,
  reports,
  ...options
}: SetupOptions): Promise<Setup> {
  const { inboxUrl, allowCidrs, allowHttp, proxyUrl, publicUrl, trustedProxies, forwardedHeader } = config;
  // First what may fail, then what has to be closed.
  const contracts = await openContracts(config);
  const egress = createEgress({ allowCidrs, allowHttp, proxyUrl });
  const destinations = await openDestinations(config.destinations, egress);
  // What is allowed to destinations is not allowed to keys: providers publish them.
  const keyEgress = createEgress({ proxyUrl });
  const { fetchKey = createFetchKey(keyEgress), clients, processes, openBudget } = options;
  const sources = Object.fromEntries(
    Object.entries(config.sources).map(([name, { contracts: mode, ...source }]) => {
      const check = mode === "off" || contracts === undefined ? undefined : { mode, contracts };
      return [name, { ...source, fetchKey, contracts: check }];
    }),
  );
  const redisUrl = isRedis(inboxUrl) ? inboxUrl : undefined;
  const limits = createLimits({ sources, redisUrl, clients, processes, openBudget });
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
  const schedules = Object.fromEntries(
    Object.entries(config.destinations).flatMap(([name, { retry }]) =>
      retry === undefined ? [] : [[name, retry]],
    ),
  );
  const relay = createRelay({ inbox, routes, sinceMs, schedules, report: reports.relay });
  return {
    receive,
    sources: Object.keys(sources),
    start: () => relay.start(),
    stop: async () => {
      // A request may come slowly, and what is claimed meanwhile would still go where the old configuration says.
      await Promise.all([receive.stop(), relay.stop({ timeoutMs: drainMs })]);
      limits.close();
      // One that cannot be closed must not keep the others open.
      await Promise.allSettled([...destinations.values()].map((destination) => destination.close()));
      await Promise.all([egress.close(), keyEgress.close()]);
    },
  };
}

async function openContracts({ contracts: name, sources }: Config) {
  const isAsked = Object.values(sources).some(({ contracts }) => contracts !== "off");
  return isAsked && name !== undefined ? importContracts({ name, workingFolder: cwd() }) : undefined;
}
