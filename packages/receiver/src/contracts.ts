import { own } from "./core/own.ts";
import { describeError } from "./describe-error.ts";

/** What is needed of a contracts package such as `@hooks/contracts`. */
export interface ConsumerContracts<E extends { readonly type: string }> {
  parseEvent(input: unknown): ParsedEvent<E>;
}

export type ParsedEvent<E> =
  | { readonly ok: true; readonly event: E }
  | {
      readonly ok: false;
      readonly code: string;
      readonly issues: readonly { readonly pointer: string; readonly message: string }[];
    };

/** What is needed of a contracts package's `./migrations`, whole as it is imported. */
export interface ContractMigrations {
  /** Each between a major and the one before. */
  readonly migrations: readonly { readonly type: string; readonly from: number }[];
  migrate(options: {
    readonly type: string;
    readonly data: unknown;
    readonly from: number;
    readonly to: number;
  }): { readonly ok: true; readonly data: unknown } | { readonly ok: false };
}

/** The events of a type, of whatever major. */
export type EventOf<E extends { readonly type: string }, T> = Extract<E, { readonly type: T }>;

/** The events of a type in its newest major, by the versions they name. */
export type NewestEventOf<E extends { readonly type: string }, T> =
  EventOf<E, T> extends { readonly version: infer V }
    ? [MajorIn<V>] extends [never]
      ? EventOf<E, T>
      : Extract<EventOf<E, T>, { readonly version: `${Newest<MajorIn<V>>}.${string}` }>
    : EventOf<E, T>;

/** Of types whose handlers want a major that is not the newest, which one. */
export type MajorsOf<E extends { readonly type: string }> = {
  readonly [T in E["type"]]?: EventOf<E, T> extends { readonly version: infer V } ? MajorNumber<V> : never;
};

/** The events of a type in the major that handlers want. */
export type WantedEventOf<E extends { readonly type: string }, T, M> = T extends keyof M
  ? Extract<EventOf<E, T>, { readonly version: `${M[T] & number}.${string}` }>
  : NewestEventOf<E, T>;

type MajorNumber<V> = V extends `${infer M extends number}.${string}` ? M : never;

type MajorIn<V> = V extends `${infer M}.${string}` ? M : never;

/** Of several numbers as texts the largest: counts up, and takes away what it meets until one is left. */
type Newest<M extends string, Count extends readonly unknown[] = []> = string extends M
  ? M
  : [Exclude<M, `${Count["length"] & number}`>] extends [never]
    ? M
    : Newest<Exclude<M, `${Count["length"] & number}`>, readonly [...Count, unknown]>;

export type ReadEvent =
  | { readonly kind: "event"; readonly event: unknown }
  | { readonly kind: "unknown_type" }
  /** Of a major without a contract, or without a way to the newest one. */
  | { readonly kind: "unknown_version"; readonly version: string }
  | { readonly kind: "invalid"; readonly reason: string };

export interface ReaderOptions {
  readonly contracts: ConsumerContracts<{ readonly type: string }>;
  readonly migrations?: ContractMigrations | undefined;
  /** What is wanted instead of the newest. */
  readonly majors?: Readonly<Record<string, number | undefined>> | undefined;
}

/** Reads the parsed JSON of an event by its contract; with migrations, other majors as the one that is wanted. */
export function createReader(options: ReaderOptions): (input: unknown) => ReadEvent {
  const { contracts, migrations, majors = {} } = options;
  return (input) => {
    const parsed = contracts.parseEvent(input);
    if (parsed.ok) return migrations === undefined ? eventOf(parsed.event) : convert(parsed.event);
    if (parsed.code === "unknown_event_type") return { kind: "unknown_type" };
    if (parsed.code === "unknown_version") return { kind: "unknown_version", version: versionOf(input) };
    return invalid(parsed);
  };

  function convert(event: { readonly type: string }): ReadEvent {
    const version = versionOf(event);
    const from = Number(version.split(".", 1)[0]);
    const to = own(majors, event.type) ?? Math.max(from, newestOf(event.type));
    if (from === to) return eventOf(event);
    let migrated: ReturnType<ContractMigrations["migrate"]>;
    try {
      const { data } = event as { readonly data?: unknown };
      migrated = migrations?.migrate({ type: event.type, data, from, to }) ?? { ok: false };
    } catch (error) {
      return { kind: "invalid", reason: `migration_failed: ${describeError(error)}` };
    }
    if (!migrated.ok) return { kind: "unknown_version", version };
    const parsed = contracts.parseEvent({ ...event, version: `${to}.0.0`, data: migrated.data });
    return parsed.ok ? eventOf(parsed.event) : invalid(parsed, "migration_failed: ");
  }

  /** 0 where nothing is converted. */
  function newestOf(type: string): number {
    const rows = migrations?.migrations.filter((row) => row.type === type) ?? [];
    return Math.max(0, ...rows.map(({ from }) => from));
  }
}

function eventOf(event: unknown): ReadEvent {
  return { kind: "event", event };
}

function invalid(parsed: Extract<ParsedEvent<unknown>, { readonly ok: false }>, prefix = ""): ReadEvent {
  const issues = parsed.issues
    .slice(0, 5)
    // Generated contracts begin their messages with the place.
    .map(({ pointer, message }) => (message.startsWith(`${pointer}:`) ? message : `${pointer} ${message}`));
  return { kind: "invalid", reason: prefix + [parsed.code, ...issues].join(": ") };
}

/** As the event says it; it comes from outside. */
function versionOf(event: unknown): string {
  const { version } = event as { readonly version?: unknown };
  return typeof version === "string" ? version.slice(0, 64) : "";
}
