import { readConfigFile } from "./config-file.ts";
import { createReader, type Reader } from "./config-reader.ts";
import { type DestinationConfig, readDestinations } from "./destination-config.ts";
import { type EdgeConfig, readEdge } from "./edge-config.ts";
import { type NetworkConfig, readNetwork } from "./network-config.ts";
import { createProblems, type Problem } from "./problems.ts";
import { readProviders } from "./provider-config.ts";
import { isRedisUrl, redisUrlForm } from "./redis-url.ts";
import { createSettings, type Setting } from "./setting.ts";
import { readSources, type SourceConfig } from "./source-config.ts";
import type { Variables } from "./variables.ts";

/** Everything the gateway is told from outside. */
export interface Config extends EdgeConfig, NetworkConfig {
  readonly host: string;
  readonly port: number;
  /** `sqlite:PATH`, `redis://…` or `rediss://…`. */
  readonly inboxUrl: string;
  readonly durability: "strict" | "relaxed";
  /** Replicas of Redis that must have an event before it is acknowledged; default: as many as its URL says. */
  readonly replicas: number | undefined;
  /** Events per source that are kept for replay when they are done. */
  readonly keptEvents: number;
  /** Waiting events of a source above which new ones are refused. */
  readonly highWaterMark: number;
  /** Processes that take requests; `auto`: one for each core. */
  readonly workers: number | "auto";
  /** Between saying that it is not ready and taking no more requests. */
  readonly stopDelayMs: number;
  /** A contracts package, or a file that is as one; needed where a source asks for contracts. */
  readonly contracts: string | undefined;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly destinations: Readonly<Record<string, DestinationConfig>>;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the file named by `HOOKS_CONFIG`, if any, and the environment over it; gives all problems at once. */
export function loadConfig(variables: Variables): ConfigResult {
  const problems = createProblems();
  const file = createReader(readConfigFile(variables, problems), "", problems);
  const setting = createSettings(file, variables, problems);
  const { network, checkUrl } = readNetwork(file, setting);
  const inboxUrl = setting("inboxUrl", "INBOX_URL");
  const fromFile = file.text("host");
  const config: Config = {
    ...network,
    host: setting("host", "HOST").given ?? fromFile ?? "127.0.0.1",
    port: readPort(file, setting("port", "PORT")),
    inboxUrl: readInboxUrl(file, inboxUrl),
    durability: file.choice("durability", ["strict", "relaxed"]) ?? "strict",
    replicas: file.integer("replicas", { min: 0, max: 10 }),
    keptEvents: file.integer("keptEvents", { min: 0, max: 1_000_000 }) ?? 0,
    highWaterMark: file.integer("highWaterMark", { min: 1, max: 100_000_000 }) ?? 250_000,
    workers: readWorkers(file),
    stopDelayMs: file.integer("stopDelayMs", { min: 0, max: 60_000 }) ?? 0,
    ...readEdge(file),
    contracts: file.text("contracts"),
    sources: readSources(file, {
      own: readProviders(file),
      readFile: variables.readFile,
      hasContracts: file.value("contracts") !== undefined,
    }),
    destinations: readDestinations(file, checkUrl),
  };
  const isSqlite = !inboxUrl.isFaulty() && config.inboxUrl.startsWith("sqlite:");
  if ((config.replicas ?? 0) > 0 && isSqlite)
    file.problem("replicas", "expected an inbox in Redis: SQLite has no replicas");
  file.finish();
  return problems.all.length === 0 ? { ok: true, config } : { ok: false, problems: problems.all };
}

/** Names of what differs and cannot be changed while running. */
export function needsRestart(before: Config, after: Config): readonly string[] {
  const names = [
    "host",
    "port",
    "inboxUrl",
    "replicas",
    "keptEvents",
    "highWaterMark",
    "durability",
    "workers",
  ] as const;
  return names.filter((name) => before[name] !== after[name]);
}

function readWorkers(file: Reader): number | "auto" {
  if (file.value("workers") === "auto") return "auto";
  return file.integer("workers", { min: 1, max: 64 }) ?? 1;
}

function readPort(file: Reader, { given, problem }: Setting): number {
  const fromFile = file.integer("port", { min: 0, max: 65_535 });
  if (given === undefined) return fromFile ?? 4100;
  const port = Number(given);
  if (/^\d{1,5}$/.test(given) && port <= 65_535) return port;
  problem("expected a port from 0 to 65535");
  return 0;
}

function readInboxUrl(file: Reader, { given, problem }: Setting): string {
  const fromFile = file.text("inboxUrl");
  const url = given ?? fromFile ?? "sqlite:./data/gateway.db";
  if (!/^sqlite:(?!file:)./.test(url) && !isRedisUrl(url)) problem(`expected sqlite:PATH, ${redisUrlForm}`);
  return url;
}
