import { createEgress, type Egress } from "@hooks/egress";
import { parse } from "yaml";
import { type DestinationConfig, readDestinations } from "./destination-config.ts";
import { createReader, type Problem, type Reader } from "./config-reader.ts";
import { type EdgeConfig, readEdge } from "./edge-config.ts";
import { readProviders } from "./provider-config.ts";
import { isRedisUrl, redisUrlForm } from "./redis-url.ts";
import { readSources, type SourceConfig } from "./source-config.ts";
import { interpolate, readVariable, type Variables } from "./variables.ts";

/** Everything the gateway is told from outside. */
export interface Config extends EdgeConfig {
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
  readonly allowCidrs: readonly string[];
  readonly allowHttp: boolean;
  /** An HTTP proxy that HTTP destinations are reached through. */
  readonly proxyUrl: string | undefined;
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
  const problems: Problem[] = [];
  const variable = (name: string) => readVariable(name, variables, problems);
  const file = createReader(readConfigFile(variables, problems), "", problems);
  const network = readNetwork(file, variable, problems);
  const egress = openEgress(network, problems);
  const destinations = readDestinations(file, egress);
  const config: Config = {
    ...network,
    host: readText(file, "host", variable("HOST")) ?? "127.0.0.1",
    port: readPort(file, variable("PORT"), problems),
    inboxUrl: readInboxUrl(file, variable("INBOX_URL"), problems),
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
      destinations: Object.keys(destinations),
      readFile: variables.readFile,
      hasContracts: file.value("contracts") !== undefined,
    }),
    destinations,
  };
  file.finish();
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems };
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

type ReadVariable = (name: string) => string | undefined;

function readConfigFile(variables: Variables, problems: Problem[]): unknown {
  const path = variables.env["HOOKS_CONFIG"];
  if (path === undefined || path === "") return {};
  const text = readConfigText(path, variables, problems);
  if (text === undefined) return {};
  try {
    const content: unknown = parse(text) ?? {};
    return interpolate(content, "", (name, at) => {
      const value = readVariable(name, variables, problems);
      if (value === undefined) problems.push({ path: at, message: `the variable ${name} is not set` });
      return value ?? "unset";
    });
  } catch (error) {
    const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    problems.push({ path: "HOOKS_CONFIG", message: `config_invalid: expected YAML in ${path}: ${message}` });
    return {};
  }
}

function readConfigText(path: string, { readFile }: Variables, problems: Problem[]): string | undefined {
  try {
    return readFile(path);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const message =
      reason === "ENOENT"
        ? `config_not_found: expected a file at ${path}, there is none`
        : `config_unreadable: expected a file at ${path} that can be read, got ${reason}`;
    problems.push({ path: "HOOKS_CONFIG", message });
    return undefined;
  }
}

function readText(file: Reader, key: string, fromEnvironment: string | undefined): string | undefined {
  const fromFile = file.text(key);
  return fromEnvironment ?? fromFile;
}

function readPort(file: Reader, fromEnvironment: string | undefined, problems: Problem[]): number {
  const fromFile = file.integer("port", { min: 0, max: 65_535 });
  if (fromEnvironment === undefined) return fromFile ?? 4100;
  const port = Number(fromEnvironment);
  if (/^\d{1,5}$/.test(fromEnvironment) && port <= 65_535) return port;
  problems.push({ path: "PORT", message: "expected a port from 0 to 65535" });
  return 0;
}

function readInboxUrl(file: Reader, fromEnvironment: string | undefined, problems: Problem[]): string {
  const url = readText(file, "inboxUrl", fromEnvironment) ?? "sqlite:./data/gateway.db";
  if (!/^sqlite:./.test(url) && !isRedisUrl(url)) {
    problems.push({ path: "INBOX_URL", message: `expected sqlite:PATH, ${redisUrlForm}` });
  }
  return url;
}

function readNetwork(file: Reader, variable: ReadVariable, problems: Problem[]) {
  const cidrs = variable("HOOKS_ALLOW_CIDRS");
  const allowHttp = variable("HOOKS_ALLOW_HTTP");
  const fromFile = { allowCidrs: file.texts("allowCidrs"), allowHttp: file.flag("allowHttp") ?? false };
  if (allowHttp !== undefined && !/^(?:true|false|1|0)$/.test(allowHttp)) {
    problems.push({ path: "HOOKS_ALLOW_HTTP", message: "expected true or false" });
  }
  return {
    allowCidrs: cidrs === undefined ? fromFile.allowCidrs : cidrs.split(",").map((cidr) => cidr.trim()),
    allowHttp: allowHttp === undefined ? fromFile.allowHttp : allowHttp === "true" || allowHttp === "1",
    proxyUrl: readProxyUrl(readText(file, "proxyUrl", variable("HOOKS_PROXY_URL")), problems),
  };
}

/** What is no proxy's URL is not repeated: a password may be in it. */
function readProxyUrl(proxyUrl: string | undefined, problems: Problem[]): string | undefined {
  if (proxyUrl === undefined) return undefined;
  try {
    createEgress({ proxyUrl });
    return proxyUrl;
  } catch {
    problems.push({ path: "HOOKS_PROXY_URL", message: "expected http://host:port or https://host:port" });
    return undefined;
  }
}

/** Judges the URLs of HTTP destinations as the relay will. It makes no connection. */
function openEgress(
  network: Pick<Config, "allowCidrs" | "allowHttp" | "proxyUrl">,
  problems: Problem[],
): Egress {
  try {
    return createEgress(network);
  } catch (error) {
    problems.push({
      path: "HOOKS_ALLOW_CIDRS",
      message: error instanceof Error ? error.message : String(error),
    });
    return createEgress({ allowHttp: network.allowHttp });
  }
}
