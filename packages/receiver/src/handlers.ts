import type { ConsumerContracts, ContractMigrations, EventOf, MajorsOf, WantedEventOf } from "./contracts.ts";

/** An event as a handler gets it. */
export interface ReceivedEvent {
  /** The same on every delivery of the event: the key to make a handler's effect happen once. */
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** Whose scheme the source follows; `undefined` where that is not known, as behind a stream. */
  readonly provider: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that were verified. */
  readonly body: Uint8Array;
  readonly receivedAt: Date;
  /** 1 the first time. */
  readonly attempt: number;
  /** Aborts when the handler's time is over, or when nobody waits for it any more because the process is about to end. */
  readonly signal: AbortSignal;
  /** The body parsed as JSON. Throws `SyntaxError` when it is none. */
  json(): unknown;
}

/** What handlers may stand for: types, resources with all that is below them (`invoice.*`), and everything (`*`). */
export type TypePattern<T extends string> = T | Resource<T> | "*";

type Resource<T extends string, Above extends string = ""> = T extends `${infer Head}.${infer Rest}`
  ? `${Above}${Head}.*` | Resource<Rest, `${Above}${Head}.`>
  : never;

/** The types that a pattern stands for. */
export type TypesOf<T extends string, P> = P extends "*"
  ? T
  : P extends `${infer Above}.*`
    ? Extract<T, `${Above}.${string}`>
    : Extract<T, P>;

/** Handlers by event type, without contracts. */
export type UntypedHandlers = Readonly<Record<string, (event: ReceivedEvent) => unknown>>;

/** Handlers by event type, for the events of a contracts package. A type that has no contract does not compile. */
export type TypedHandlers<E extends { readonly type: string }> = {
  readonly [P in TypePattern<E["type"]>]?: (
    event: EventOf<E, TypesOf<E["type"], P>>,
    received: ReceivedEvent,
  ) => unknown;
};

/** The same where migrations are installed: events of other majors come as the newest, or as the one that `majors` names. */
export type NewestHandlers<E extends { readonly type: string }, M = NoMajors> = {
  readonly [P in TypePattern<E["type"]>]?: (
    event: WantedOf<E, TypesOf<E["type"], P>, M>,
    received: ReceivedEvent,
  ) => unknown;
};

export type NoMajors = Readonly<Record<never, never>>;

type WantedOf<E extends { readonly type: string }, T, M> = T extends string ? WantedEventOf<E, T, M> : never;

/**
 * What becomes of an event of a major without a contract: `park` keeps it aside until it is released (in direct mode it is
 * refused with 503, so that its sender keeps it), `accept` counts it as done like one that nobody handles.
 */
export type OnUnknownVersion = "park" | "accept";

/** How a function takes handlers, with the types of a contracts package where one is given. */
export interface WithHandlers<Options, Result> {
  (options: Options & { readonly contracts?: undefined; readonly handlers: UntypedHandlers }): Result;
  <E extends { readonly type: string }, const M extends MajorsOf<E> = NoMajors>(
    options: Options & {
      readonly contracts: ConsumerContracts<E>;
      readonly migrations: ContractMigrations;
      /** Types whose handlers want an older major than the newest; newer events are converted down. */
      readonly majors?: M;
      readonly handlers: NewestHandlers<E, M>;
    },
  ): Result;
  <E extends { readonly type: string }>(
    options: Options & {
      readonly contracts: ConsumerContracts<E>;
      readonly migrations?: undefined;
      readonly handlers: TypedHandlers<E>;
    },
  ): Result;
}

/** Handlers of either form, with what reads their events. */
export interface AnyHandlers {
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly contracts?: ConsumerContracts<{ readonly type: string }> | undefined;
  readonly migrations?: ContractMigrations | undefined;
  readonly majors?: Readonly<Record<string, number | undefined>> | undefined;
}
