import type { Provider, ProviderId } from "@hooks/signing/providers";
import { checkName, type Reader } from "./config-reader.ts";
import { readPublicUrl, readRanges } from "./edge-config.ts";
import { checkProvider, type OwnProviders, readProvider } from "./provider-config.ts";
import { sayUnreadable } from "./variables.ts";

export interface SourceConfig {
  /** A name, or a row of one's own. */
  readonly provider: ProviderId | Provider;
  /** Those of the file and those of `secretsFrom`. */
  readonly secrets: readonly string[];
  /** A file with one secret a line; one that the provider says is added to it. */
  readonly secretsFrom: string | undefined;
  /** What the provider's row asks for. */
  readonly settings: Readonly<Record<string, string>>;
  readonly dedupeBy: "provider" | "content";
  /** Names of destinations. */
  readonly destinations: readonly string[];
  /** The path in an event's JSON whose events keep their order. */
  readonly orderBy: string | undefined;
  readonly rateLimit: RateLimit;
  /** Waiting events above which new ones are refused; none: that of all sources. */
  readonly highWaterMark: number | undefined;
  readonly maxBodyBytes: number;
  readonly toleranceSeconds: number | undefined;
  readonly publicUrl: string | undefined;
  readonly allowFrom: readonly string[] | undefined;
  /** `false`: what does not verify is let in, and reported. */
  readonly enforce: boolean;
  readonly decompress: boolean;
  /** What becomes of events that do not fit their contract. */
  readonly contracts: "off" | "warn" | "enforce";
}

/** `burst` requests at once, and `perSecond` in the long run. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

const mebibyte = 1024 * 1024;

interface Known {
  readonly own: OwnProviders | undefined;
  /** Names; `undefined` when they cannot be had. */
  readonly destinations: readonly string[] | undefined;
  readonly readFile: (path: string) => string;
  /** Whether there are contracts to hold events against. */
  readonly hasContracts: boolean;
}

/** Reads `sources`. */
export function readSources(file: Reader, given: Omit<Known, "destinations">): Record<string, SourceConfig> {
  const known = { ...given, destinations: namesIn(file, "destinations") };
  const read = file.entries("sources").map(([name, reader]) => {
    checkName(reader, name);
    return [name, readSource(reader, name, known)] as const;
  });
  return Object.fromEntries(read);
}

function namesIn(file: Reader, key: string): readonly string[] | undefined {
  const mapping = file.mapping(key);
  return mapping === undefined && file.value(key) !== undefined ? undefined : Object.keys(mapping ?? {});
}

function readSource(reader: Reader, source: string, known: Known): SourceConfig {
  const provider = readProvider(reader, known.own, source);
  const secretsFrom = reader.text("secretsFrom");
  const settings = readSettings(reader);
  const given = { settings, isAwaited: settings["awaitSecret"] === "true" };
  const secrets = [...reader.texts("secrets"), ...readSecrets(reader, secretsFrom, { ...given, ...known })];
  const dedupeBy = reader.choice("dedupeBy", ["provider", "content"]) ?? "provider";
  if (provider !== undefined) checkProvider(reader, provider, { ...given, secrets });
  if (given.isAwaited && secretsFrom === undefined) {
    reader.problem("secretsFrom", "expected the file that the provider's secret is to be kept in");
  }
  const destinations = [...new Set(reader.texts("destinations"))];
  for (const name of destinations) {
    if (known.destinations?.includes(name) === false)
      reader.problem("destinations", `there is no destination "${name}"`);
  }
  const config = {
    provider: provider ?? "standard-webhooks",
    secrets,
    secretsFrom,
    settings,
    dedupeBy,
    destinations,
    orderBy: readOrderBy(reader),
    rateLimit: readRateLimit(reader),
    highWaterMark: reader.integer("highWaterMark", { min: 1, max: 100_000_000 }),
    maxBodyBytes: reader.integer("maxBodyBytes", { min: 1_024, max: 10 * mebibyte }) ?? mebibyte,
    toleranceSeconds: reader.integer("toleranceSeconds", { min: 1, max: 86_400 }),
    publicUrl: readPublicUrl(reader),
    allowFrom: readAllowFrom(reader),
    enforce: reader.flag("enforce") ?? true,
    decompress: reader.flag("decompress") ?? false,
    contracts: reader.choice("contracts", ["off", "warn", "enforce"]) ?? "off",
  };
  if (config.contracts !== "off" && !known.hasContracts) {
    reader.problem("contracts", "expected contracts beside sources, the package to hold events against");
  }
  reader.finish();
  return config;
}

/** How JSONPath and JSON Pointer are written, and what has an empty name: nothing would be found there. */
const otherPath = /^\/|^\$[.[]|\[[\d*]*\]|(?:^|\.)\*?(?:\.|$)/;

function readOrderBy(reader: Reader): string | undefined {
  const path = reader.text("orderBy");
  if (path !== undefined && otherPath.test(path))
    reader.problem("orderBy", "expected names with dots between, such as data.object.id");
  return path;
}

function readAllowFrom(reader: Reader): readonly string[] | undefined {
  const ranges = readRanges(reader, "allowFrom");
  if (ranges?.length === 0) reader.problem("allowFrom", "expected at least one range; without it, anybody");
  return ranges;
}

function readRateLimit(reader: Reader): RateLimit {
  const limit = reader.within("rateLimit");
  const perSecond = limit?.integer("perSecond", { min: 1, max: 1_000_000 }) ?? 200;
  const burst = limit?.integer("burst", { min: 1, max: 10_000_000 }) ?? 2 * perSecond;
  if (burst < perSecond && limit?.isFaulty("perSecond") === false)
    limit.problem("burst", `expected at least perSecond, which is ${perSecond}`);
  limit?.finish();
  return { perSecond, burst };
}

interface SecretsReading extends Pick<Known, "readFile"> {
  /** Whether the provider is still to say its secret, so that there need not be a file yet. */
  readonly isAwaited: boolean;
}

/** One secret a line. */
function readSecrets(
  reader: Reader,
  path: string | undefined,
  { readFile, isAwaited }: SecretsReading,
): readonly string[] {
  if (path === undefined) return [];
  try {
    return readFile(path)
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
  } catch (error) {
    const { isAbsent, message } = sayUnreadable(path, error);
    if (!isAbsent || !isAwaited) reader.problem("secretsFrom", message);
    return [];
  }
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
