import type { HttpTransportOptions } from "../transport/http.ts";
import { LONGEST_LEASE_MS } from "../core/sharding.ts";
import type { SenderOptions, WorkerSettings } from "../sender.ts";
import type { PostgresStoreOptions } from "../store/postgres.ts";
import type { SqliteStoreOptions } from "../store/sqlite.ts";
import type { TestSenderOptions } from "../testing.ts";
import {
  callable,
  type Check,
  expect,
  listOf,
  number,
  object,
  optional,
  text,
  wholeNumber,
} from "./check.ts";

/** The longest that a timer can wait. */
const LONGEST_WAIT_MS = 2_147_483_647;

const waitMs = wholeNumber(1, LONGEST_WAIT_MS);

/** Something that has these functions, and whatever else. */
function withFunctions(what: string, names: readonly string[]): Check {
  return expect(what, (value) => {
    if (typeof value !== "object" || value === null) return false;
    return names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
  });
}

const anObject = withFunctions("an object", []);

const contracts = withFunctions("the `contracts` of a contracts package's ./producer", [
  "validateEvent",
  "migrate",
]);

const schedule = listOf(wholeNumber(0, Number.MAX_SAFE_INTEGER));

const worker = object<WorkerSettings>({
  schedule: optional(schedule),
  concurrency: optional(wholeNumber(1, 100_000)),
  leaseMs: optional(wholeNumber(1, LONGEST_LEASE_MS)),
  heartbeatMs: optional(waitMs),
  pollMs: optional(waitMs),
  maxInterruptions: optional(wholeNumber(1, 1_000)),
});

/** The rest is the matter of the egress. */
const http: Check = (value, pointer) => {
  anObject(value, pointer);
  const { timeoutMs, userAgent, connectionsPerOrigin } = value as HttpTransportOptions;
  optional(waitMs)(timeoutMs, `${pointer}/timeoutMs`);
  optional(text)(userAgent, `${pointer}/userAgent`);
  optional(wholeNumber(1, 100_000))(connectionsPerOrigin, `${pointer}/connectionsPerOrigin`);
};

const sender = object<SenderOptions>({
  store: withFunctions("a store, such as createSqliteStore gives", [
    "publish",
    "lease",
    "take",
    "settle",
    "close",
  ]),
  contracts,
  http: optional(http),
  transport: optional(withFunctions("a transport", ["send", "checkUrl", "close"])),
  worker: optional(worker),
  retention: optional(anObject),
  report: optional(callable),
  now: optional(callable),
});

/** Each throws a `SenderError` that names the option that cannot be so. */
export function checkOptions(options: SenderOptions): void {
  sender(options, "");
}

const test = object<TestSenderOptions>({
  contracts: optional(contracts),
  schedule: optional(schedule),
  now: optional(
    expect("a date that exists", (value) => value instanceof Date && !Number.isNaN(value.getTime())),
  ),
  seed: optional(number),
  http: optional(http),
  retention: optional(anObject),
});

export function checkTestOptions(options: TestSenderOptions): TestSenderOptions {
  test(options, "");
  return options;
}

const ofStore = { vault: optional(withFunctions("a vault", ["seal", "open"])), newId: optional(callable) };

const sqlite = object<SqliteStoreOptions>({ path: text, ...ofStore });

const postgres = object<PostgresStoreOptions>({
  url: text,
  schema: optional(text),
  maxConnections: optional(wholeNumber(1, 10_000)),
  timeoutMs: optional(waitMs),
  ...ofStore,
});

export function checkSqliteOptions(options: SqliteStoreOptions): SqliteStoreOptions {
  sqlite(options, "");
  return options;
}

export function checkPostgresOptions(options: PostgresStoreOptions): PostgresStoreOptions {
  postgres(options, "");
  return options;
}
