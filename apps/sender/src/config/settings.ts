import { createEgress, type EgressOptions } from "@hooks/egress";
import { createVault, VaultError } from "@hooks/sender";
import type { JsonSchema } from "../shape.ts";

/** One thing that can be configured. Values come as YAML has them, or as text from the environment. */
export interface Setting<T> {
  readonly env: string;
  readonly description: string;
  /** Also read from the file that `<env>_FILE` names. */
  readonly isSecret: boolean;
  readonly fallback: T;
  readonly schema: JsonSchema;
  readonly read: (value: unknown) => Reading<T>;
}

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

const DURABILITIES = ["strict", "relaxed"] as const;
const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

export const settings = {
  host: setting({
    env: "HOST",
    description: "The address to listen at.",
    fallback: "127.0.0.1",
    schema: { type: "string" },
    read: nonEmpty,
  }),
  port: setting({
    env: "PORT",
    description: "The port to listen at; 0 for any that is free.",
    fallback: 4_000,
    schema: { type: "integer", minimum: 0, maximum: 65_535 },
    read: integerFrom(0, 65_535),
  }),
  databaseUrl: setting({
    env: "DATABASE_URL",
    description:
      "Where everything is kept: `sqlite:` and a file, or `postgres://user:password@host:port/database`.",
    isSecret: true,
    fallback: "sqlite:./data/sender.db",
    schema: { type: "string", pattern: "^(sqlite:.|postgres(ql)?://.)" },
    read: databaseUrl,
  }),
  redisUrl: setting<string | undefined>({
    env: "REDIS_URL",
    description: "Shares the API's rate limits between processes. Default: each process counts alone.",
    isSecret: true,
    fallback: undefined,
    schema: { type: "string", pattern: "^rediss?://" },
    read: redisUrl,
  }),
  adminKey: setting<string | undefined>({
    env: "HOOKS_ADMIN_KEY",
    description:
      "The API key, 32 characters or more. Required in production; otherwise one is made and printed at each start.",
    isSecret: true,
    fallback: undefined,
    schema: { type: "string", minLength: 32 },
    read: adminKey,
  }),
  masterKeys: setting<string | undefined>({
    env: "HOOKS_MASTER_KEY",
    description:
      "What bodies, secrets and answers are encrypted under in the database: `KEY_ID:base64 of 32 bytes`, several separated by commas; the first encrypts, all decrypt. Required in production.",
    isSecret: true,
    fallback: undefined,
    schema: { type: "string", pattern: "^[A-Za-z0-9._-]+:" },
    read: masterKeys,
  }),
  allowCidrs: setting<readonly string[]>({
    env: "HOOKS_ALLOW_CIDRS",
    description:
      "Ranges or addresses that endpoints may have although they are not public, such as `127.0.0.0/8`; `10.1.2.0/24:8443` opens one port only.",
    fallback: [],
    schema: { type: "array", items: { type: "string" } },
    read: cidrs,
  }),
  allowHttp: setting({
    env: "HOOKS_ALLOW_HTTP",
    description: "Whether endpoints may be `http:` URLs.",
    fallback: false,
    schema: { type: "boolean" },
    read: truth,
  }),
  proxyUrl: setting<string | undefined>({
    env: "HOOKS_PROXY_URL",
    description:
      "An HTTP proxy (`http://user:password@host:port`) that all deliveries go through by CONNECT; it then has to refuse private addresses.",
    isSecret: true,
    fallback: undefined,
    schema: { type: "string", pattern: "^https?://" },
    read: proxyUrl,
  }),
  contracts: setting({
    env: "HOOKS_CONTRACTS",
    description: "A contracts package, or a folder of schemas (`./…` or `/…`).",
    fallback: "@hooks/contracts",
    schema: { type: "string" },
    read: nonEmpty,
  }),
  durability: setting<(typeof DURABILITIES)[number]>({
    env: "HOOKS_DURABILITY",
    description: "`relaxed` starts also on a store that may lose what it has answered.",
    fallback: "strict",
    schema: { type: "string", enum: DURABILITIES },
    read: oneOf(DURABILITIES),
  }),
  logLevel: setting<LogLevel>({
    env: "LOG_LEVEL",
    description: "What is logged; `debug` adds a line for each request.",
    fallback: "info",
    schema: { type: "string", enum: LOG_LEVELS },
    read: oneOf(LOG_LEVELS),
  }),
  ratePerSecond: setting({
    env: "HOOKS_RATE_PER_SECOND",
    description: "API requests a second for each key, on average.",
    fallback: 100,
    schema: { type: "integer", minimum: 1, maximum: 100_000 },
    read: integerFrom(1, 100_000),
  }),
  rateBurst: setting({
    env: "HOOKS_RATE_BURST",
    description: "API requests at once for each key.",
    fallback: 200,
    schema: { type: "integer", minimum: 1, maximum: 1_000_000 },
    read: integerFrom(1, 1_000_000),
  }),
  retentionDays: setting({
    env: "HOOKS_RETENTION_DAYS",
    description: "How long events are kept, with what became of them; 0 for ever.",
    fallback: 90,
    schema: { type: "integer", minimum: 0, maximum: 36_500 },
    read: integerFrom(0, 36_500),
  }),
};

function setting<T>(row: Omit<Setting<T>, "isSecret"> & { readonly isSecret?: boolean }): Setting<T> {
  return { isSecret: false, ...row };
}

function no(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

function nonEmpty(value: unknown): Reading<string> {
  return typeof value === "string" && value !== "" ? { ok: true, value } : no("expected a text");
}

function integerFrom(min: number, max: number): (value: unknown) => Reading<number> {
  return (value) => {
    const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
    return typeof number === "number" && Number.isInteger(number) && number >= min && number <= max
      ? { ok: true, value: number }
      : no(`expected an integer from ${min} to ${max}`);
  };
}

function truth(value: unknown): Reading<boolean> {
  if (value === true || value === "true" || value === "1") return { ok: true, value: true };
  if (value === false || value === "false" || value === "0") return { ok: true, value: false };
  return no("expected true or false");
}

function databaseUrl(value: unknown): Reading<string> {
  const isKnown = typeof value === "string" && (/^sqlite:./.test(value) || isPostgres(value));
  return isKnown
    ? { ok: true, value }
    : no("expected sqlite: and a file, or postgres://user:password@host:port/database");
}

/** Whether a database URL that was read is one of PostgreSQL. */
export function isPostgres(databaseUrl: string): boolean {
  return /^postgres(ql)?:\/\/./.test(databaseUrl) && URL.canParse(databaseUrl);
}

function redisUrl(value: unknown): Reading<string> {
  return typeof value === "string" && /^rediss?:\/\/./.test(value)
    ? { ok: true, value }
    : no("expected redis://host:port or rediss://host:port");
}

function adminKey(value: unknown): Reading<string> {
  return typeof value === "string" && /^[\x21-\x7e]{32,512}$/.test(value)
    ? { ok: true, value }
    : no("expected 32 to 512 printable ASCII characters without spaces");
}

/** Takes what the vault itself takes. */
function masterKeys(value: unknown): Reading<string> {
  try {
    if (typeof value !== "string") return no("expected KEY_ID:base64 of 32 bytes");
    createVault({ masterKeys: value });
    return { ok: true, value };
  } catch (error) {
    // The vault never repeats what it was given.
    if (error instanceof VaultError) return no(error.message.replace(/^E/, "e"));
    throw error;
  }
}

function cidrs(value: unknown): Reading<readonly string[]> {
  const items: unknown = typeof value === "string" ? value.split(",").map((item) => item.trim()) : value;
  return Array.isArray(items) && items.every(isCidr)
    ? { ok: true, value: items }
    : no("expected ranges such as 127.0.0.0/8 or addresses, separated by commas");
}

function isCidr(item: unknown): item is string {
  return typeof item === "string" && isTaken({ allowCidrs: [item] });
}

function proxyUrl(value: unknown): Reading<string> {
  return typeof value === "string" && isTaken({ proxyUrl: value })
    ? { ok: true, value }
    : no("expected http://host:port or https://host:port");
}

/** What the guard itself takes; a client that is asked for nothing opens nothing. */
function isTaken(options: EgressOptions): boolean {
  try {
    createEgress(options);
    return true;
  } catch {
    return false;
  }
}

function oneOf<const T extends string>(options: readonly T[]): (value: unknown) => Reading<T> {
  return (value) => {
    const found = options.find((option) => option === value);
    return found === undefined ? no(`expected one of ${options.join(", ")}`) : { ok: true, value: found };
  };
}
