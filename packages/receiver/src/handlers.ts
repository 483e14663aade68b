import type { ConsumerContracts, ContractMigrations, EventOf, NewestEventOf } from "./contracts.ts";

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

/** The same where migrations are installed: events of older majors come as the newest. */
export type NewestHandlers<E extends { readonly type: string }> = {
  readonly [P in TypePattern<E["type"]>]?: (
    event: NewestOf<E, TypesOf<E["type"], P>>,
    received: ReceivedEvent,
  ) => unknown;
};

type NewestOf<E extends { readonly type: string }, T> = T extends string ? NewestEventOf<E, T> : never;

/**
 * What becomes of an event of a major without a contract: `park` keeps it aside until it is released (in direct mode it is
 * refused with 503, so that its sender keeps it), `accept` counts it as done like one that nobody handles.
 */
export type OnUnknownVersion = "park" | "accept";

/** How a function takes handlers, with the types of a contracts package where one is given. */
export interface WithHandlers<Options, Result> {
  (options: Options & { readonly contracts?: undefined; readonly handlers: UntypedHandlers }): Result;
  <E extends { readonly type: string }>(
    options: Options & {
      readonly contracts: ConsumerContracts<E>;
      readonly migrations: ContractMigrations;
      readonly handlers: NewestHandlers<E>;
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
}
