import { createEgress, type Egress } from "@hooks/egress";
import type { Provider, ProviderId } from "@hooks/signing/providers";
import { parse } from "yaml";
import { createReader, type Problem, type Reader } from "./config-reader.ts";
import { checkProvider, type OwnProviders, readProvider, readProviders } from "./provider-config.ts";
import { interpolate, readVariable, type Variables } from "./variables.ts";

/** Everything the gateway is told from outside. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** `sqlite:PATH`, `redis://…` or `rediss://…`. */
  readonly inboxUrl: string;
  readonly durability: "strict" | "relaxed";
  readonly allowCidrs: readonly string[];
  readonly allowHttp: boolean;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly destinations: Readonly<Record<string, DestinationConfig>>;
}

export interface SourceConfig {
  /** A name, or a row of one's own. */
  readonly provider: ProviderId | Provider;
  readonly secrets: readonly string[];
  /** What the provider's row asks for. */
  readonly settings: Readonly<Record<string, string>>;
  readonly dedupeBy: "provider" | "content";
  /** Names of destinations. */
  readonly destinations: readonly string[];
  readonly rateLimit: RateLimit;
  readonly maxBodyBytes: number;
  readonly toleranceSeconds: number | undefined;
}

/** `burst` requests at once, and `perSecond` in the long run. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export type DestinationConfig =
  | { readonly type: "http"; readonly url: string; readonly timeoutMs: number }
  | { readonly type: "redis-stream"; readonly url: string; readonly stream: string };

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const mebibyte = 1024 * 1024;

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
    sources: readSources(file, { own: readProviders(file), destinations: Object.keys(destinations) }),
    destinations,
  };
  file.finish();
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems };
}

type ReadVariable = (name: string) => string | undefined;

function readConfigFile(variables: Variables, problems: Problem[]): unknown {
  const path = variables.env["HOOKS_CONFIG"];
  if (path === undefined || path === "") return {};
  try {
    const content: unknown = parse(variables.readFile(path)) ?? {};
    return interpolate(content, "", (name, at) => {
      const value = readVariable(name, variables, problems);
      if (value === undefined) problems.push({ path: at, message: `the variable ${name} is not set` });
      return value ?? "unset";
    });
  } catch (error) {
    const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    problems.push({ path: "HOOKS_CONFIG", message: `cannot be read: ${message}` });
    return {};
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
  if (!/^sqlite:.|^rediss?:\/\/./.test(url)) {
    problems.push({ path: "INBOX_URL", message: "expected sqlite:PATH, redis://… or rediss://…" });
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
  };
}

/** Judges the URLs of HTTP destinations as the relay will. It makes no connection. */
function openEgress(network: Pick<Config, "allowCidrs" | "allowHttp">, problems: Problem[]): Egress {
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

function readDestinations(file: Reader, egress: Egress): Record<string, DestinationConfig> {
  const read = file
    .entries("destinations")
    .map(([name, reader]) => [name, readDestination(reader, egress)] as const);
  return Object.fromEntries(read);
}

function readDestination(reader: Reader, egress: Egress): DestinationConfig {
  const type = reader.choice("type", ["http", "redis-stream"]);
  if (type === undefined) reader.problem("type", "expected one of http, redis-stream");
  const url = reader.text("url") ?? "";
  if (type === "redis-stream") {
    if (!/^rediss?:\/\/./.test(url)) reader.problem("url", "expected redis://… or rediss://…");
    const stream = reader.text("stream");
    if (stream === undefined) reader.problem("stream", "expected the name of a stream");
    reader.finish();
    return { type, url, stream: stream ?? "" };
  }
  const check = egress.checkUrl(url);
  if (!check.ok) reader.problem("url", `${check.code}: ${check.message}`);
  const timeoutMs = reader.integer("timeoutMs", { min: 100, max: 30_000 }) ?? 15_000;
  reader.finish();
  return { type: "http", url, timeoutMs };
}

interface Known {
  readonly own: OwnProviders;
  readonly destinations: readonly string[];
}

function readSources(file: Reader, known: Known): Record<string, SourceConfig> {
  const read = file.entries("sources").map(([name, reader]) => {
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name)) {
      reader.problem("(name)", "expected letters, digits, - and _, at most 64");
    }
    return [name, readSource(reader, name, known)] as const;
  });
  return Object.fromEntries(read);
}

function readSource(reader: Reader, source: string, known: Known): SourceConfig {
  const provider = readProvider(reader, known.own, source);
  const secrets = reader.texts("secrets");
  const settings = readSettings(reader);
  const dedupeBy = reader.choice("dedupeBy", ["provider", "content"]) ?? "provider";
  if (provider !== undefined) checkProvider(reader, provider, { secrets, settings });
  const destinations = reader.texts("destinations");
  for (const name of destinations) {
    if (!known.destinations.includes(name))
      reader.problem("destinations", `there is no destination "${name}"`);
  }
  const limit = reader.within("rateLimit");
  const perSecond = limit?.integer("perSecond", { min: 1, max: 1_000_000 }) ?? 200;
  const burst = limit?.integer("burst", { min: 1, max: 10_000_000 }) ?? 2 * perSecond;
  if (burst < perSecond) limit?.problem("burst", "expected at least perSecond");
  limit?.finish();
  const maxBodyBytes = reader.integer("maxBodyBytes", { min: 1_024, max: 10 * mebibyte }) ?? mebibyte;
  const toleranceSeconds = reader.integer("toleranceSeconds", { min: 1, max: 86_400 });
  reader.finish();
  return {
    provider: provider ?? "standard-webhooks",
    secrets,
    settings,
    dedupeBy,
    destinations,
    rateLimit: { perSecond, burst },
    maxBodyBytes,
    toleranceSeconds,
  };
}

/** Texts by name; YAML's numbers and truths count as the texts they are written as. */
function readSettings(reader: Reader): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(reader.mapping("settings") ?? {})) {
    if (["string", "number", "boolean"].includes(typeof value)) settings[name] = String(value);
    else reader.problem(`settings.${name}`, "expected text");
  }
  return settings;
}
