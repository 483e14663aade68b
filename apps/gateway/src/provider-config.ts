import {
  findProvider,
  parseProvider,
  prepareProvider,
  type Provider,
  type ProviderId,
  ProviderRowError,
  providers,
} from "@hooks/signing/providers";
import type { Reader } from "./config-reader.ts";

/** Rows of one's own, by name; `undefined` for one that cannot be read. */
export type OwnProviders = Readonly<Record<string, Provider | undefined>>;

/** Reads `providers`: rows that sources name; `undefined` when it is no mapping. A row's id is its name there. */
export function readProviders(file: Reader): OwnProviders | undefined {
  const rows: Record<string, Provider | undefined> = {};
  const given = file.mapping("providers");
  if (given === undefined) return file.value("providers") === undefined ? rows : undefined;
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(providers, name)) file.problem(`providers.${name}`, "there is a provider of this name");
    rows[name] = readRow(file, { key: `providers.${name}`, value, id: name });
  }
  return rows;
}

/** Reads a source's `provider`: a name, or a row of its own. */
export function readProvider(
  reader: Reader,
  own: OwnProviders | undefined,
  source: string,
): ProviderId | Provider | undefined {
  const value = reader.value("provider");
  if (typeof value !== "string" || value === "") {
    const id = source.toLowerCase().replaceAll("_", "-");
    if (value !== undefined && value !== "") return readRow(reader, { key: "provider", value, id });
    reader.problem("provider", "expected the name of a provider, or a row");
    return undefined;
  }
  if (own !== undefined && Object.hasOwn(own, value)) return own[value];
  try {
    return findProvider(value).id as ProviderId;
  } catch (error) {
    if (own !== undefined) reader.problem("provider", messageOf(error));
    return undefined;
  }
}

interface GivenRow {
  readonly key: string;
  readonly value: unknown;
  readonly id: string;
}

function readRow(reader: Reader, { key, value, id }: GivenRow): Provider | undefined {
  try {
    const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
    return parseProvider(isMapping ? { id, ...value } : value);
  } catch (error) {
    if (!(error instanceof ProviderRowError)) throw error;
    for (const { pointer, message } of error.problems) {
      reader.problem(key + pointer.replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~"), message);
    }
    return undefined;
  }
}

/** Whether secrets and settings fit the provider. A `KeyError` tells the form that was expected and never the secret. */
export function checkProvider(
  reader: Reader,
  provider: ProviderId | Provider,
  options: {
    readonly secrets: readonly string[];
    readonly settings: Readonly<Record<string, string>>;
    /** Whether the provider is still to say its secret. */
    readonly isAwaited: boolean;
  },
): void {
  const row = typeof provider === "string" ? providers[provider] : provider;
  if (options.secrets.length === 0 && row.hasNoSecrets !== true && !options.isAwaited) {
    if (!reader.isFaulty("secretsFrom")) reader.problem("secrets", "expected at least one secret");
    return;
  }
  try {
    prepareProvider(provider, options);
  } catch (error) {
    reader.problem(error instanceof TypeError ? "settings" : "secrets", messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "expected what the provider wants";
}
