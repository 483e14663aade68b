import type { ClientCertificate } from "../core/model.ts";
import type { RateLimit } from "../core/rate-limit.ts";
import { FINISHED_STATES, REPLAY_STATES } from "../core/replay.ts";
import type { CallOptions, EndpointChange, NewEndpoint } from "../endpoints.ts";
import type { EventInput } from "../publish.ts";
import type { PublishOptions } from "../publishing.ts";
import type { RecoverInput, ReplayInput } from "../replays.ts";
import type { Sender } from "../sender.ts";
import type { DeadLetterFilter, DeliveryFilter, Page, ReplaysFilter, Transaction } from "../store.ts";
import {
  type Check,
  expect,
  listOf,
  type Members,
  number,
  object,
  oneOf,
  optional,
  recordOf,
  removable,
  text,
  wholeNumber,
} from "./check.ts";

/** Whoever wants more asks for the next page. */
const MAX_PAGE = 10_000;
const MAX_OVERLAP_MS = 365 * 24 * 60 * 60 * 1_000;

/** It is a matter of contracts. */
const anything: Check = () => {};

const id = expect("an id, a text", (value) => typeof value === "string");
const texts = listOf(text);

const isTransaction = expect(
  "a transaction, something with query(text, values)",
  (value) => typeof (value as Partial<Transaction> | null)?.query === "function",
);

const key: Members<CallOptions> = { idempotencyKey: optional(text) };
const callOptions = optional(object<CallOptions>(key));
const publishing: Members<PublishOptions> = { transaction: optional(isTransaction) };

const event = object<EventInput>({
  type: text,
  data: anything,
  subject: optional(text),
  // That it is there and undefined is refused where the event is prepared.
  subscriber: optional(text),
  id: optional(text),
  timestamp: optional(
    expect("a Date or a text", (value) => typeof value === "string" || value instanceof Date),
  ),
  version: optional(text),
  source: optional(text),
  idempotencyKey: optional(text),
});

const schedule = listOf(number);
const rateLimit = object<RateLimit>({ perSecond: number, burst: number });
const clientCertificate = object<ClientCertificate>({ certificate: text, key: text });

const endpointChange: Members<EndpointChange> = {
  url: optional(text),
  description: optional(text),
  eventTypes: optional(texts),
  headers: optional(recordOf(text)),
  schedule: removable(schedule),
  ordering: optional(text),
  rateLimit: removable(rateLimit),
  clientCertificate: removable(clientCertificate),
  versions: optional(recordOf(text)),
  featureFlags: optional(texts),
};

const newEndpoint = object<NewEndpoint>({
  ...endpointChange,
  url: text,
  schedule: optional(schedule),
  rateLimit: optional(rateLimit),
  clientCertificate: optional(clientCertificate),
  subscriber: id,
  secret: optional(text),
});

const page: Members<Page> = { limit: wholeNumber(1, MAX_PAGE), after: optional(text) };

function pageOf<F>(filter: Members<F>): Check {
  return object<Page & F>({ ...page, ...filter } as Members<Page & F>);
}

const replay = object<ReplayInput>({
  endpoint: optional(id),
  subscriber: optional(id),
  eventTypes: optional(texts),
  states: optional(texts),
  fromMs: optional(number),
  toMs: optional(number),
  perSecond: optional(number),
});

const moments = expect("a number of 0 or more", (value) => typeof value === "number" && value >= 0);
const stopping = [optional(object<{ readonly timeoutMs?: number }>({ timeoutMs: optional(moments) }))];

/** What each verb may be called with, in order. */
type Arguments<T> = Readonly<Record<keyof T, readonly Check[]>>;

const SENDER: Arguments<
  Pick<Sender, "publish" | "publishBatch" | "testEndpoint" | "stopDelivering" | "stop">
> = {
  publish: [event, optional(object<PublishOptions>(publishing))],
  publishBatch: [listOf(event), optional(object<CallOptions & PublishOptions>({ ...key, ...publishing }))],
  testEndpoint: [id, optional(text)],
  stopDelivering: stopping,
  stop: stopping,
};

const SUBSCRIBERS: Arguments<Sender["subscribers"]> = {
  create: [object<{ readonly name: string }>({ name: text }), callOptions],
  get: [id],
  list: [object<Page>(page)],
};

const ENDPOINTS: Arguments<Sender["endpoints"]> = {
  create: [newEndpoint, callOptions],
  get: [id],
  list: [pageOf<{ readonly subscriber?: string }>({ subscriber: optional(id) })],
  statistics: [id],
  update: [id, object<EndpointChange>(endpointChange), optional(number)],
  remove: [id],
  setState: [id, oneOf(["active", "paused", "disabled"])],
  rotateSecret: [
    id,
    optional(
      object<{ readonly secret?: string; readonly overlapMs?: number }>({
        secret: optional(text),
        overlapMs: optional(wholeNumber(0, MAX_OVERLAP_MS)),
      }),
    ),
  ],
};

const EVENTS: Arguments<Sender["events"]> = {
  get: [id],
  list: [pageOf<{ readonly type?: string }>({ type: optional(text) })],
};

const DELIVERIES: Arguments<Sender["deliveries"]> = {
  get: [id],
  list: [
    pageOf<DeliveryFilter>({
      event: optional(id),
      endpoint: optional(id),
      state: optional(oneOf(["scheduled", ...FINISHED_STATES])),
    }),
  ],
  attempts: [id],
  retry: [id],
  cancel: [id],
};

const DEAD_LETTERS: Arguments<Sender["deadLetters"]> = {
  list: [
    pageOf<DeadLetterFilter>({
      event: optional(id),
      endpoint: optional(id),
      subscriber: optional(id),
      eventType: optional(text),
      fromMs: optional(number),
      toMs: optional(number),
    }),
  ],
  get: [id],
  retry: [id],
};

const REPLAYS: Arguments<Sender["replays"]> = {
  create: [replay, callOptions],
  count: [replay],
  recover: [id, object<RecoverInput>({ sinceMs: number, perSecond: optional(number) }), callOptions],
  get: [id],
  list: [pageOf<ReplaysFilter>({ subscriber: optional(id), state: optional(oneOf(REPLAY_STATES)) })],
  pause: [id],
  resume: [id],
  cancel: [id],
};

/** The same sender, whose verbs reject with a `SenderError` where types were not looked after. */
export function checkArguments(sender: Sender): Sender {
  return {
    ...sender,
    ...checked(sender, SENDER),
    subscribers: checked(sender.subscribers, SUBSCRIBERS),
    endpoints: checked(sender.endpoints, ENDPOINTS),
    events: checked(sender.events, EVENTS),
    deliveries: checked(sender.deliveries, DELIVERIES),
    deadLetters: checked(sender.deadLetters, DEAD_LETTERS),
    replays: checked(sender.replays, REPLAYS),
  };
}

type Verb = (...args: unknown[]) => Promise<unknown>;

function checked<T extends object, V extends keyof T>(
  verbs: T,
  rows: Readonly<Record<V, readonly Check[]>>,
): Pick<T, V> {
  const entries = Object.entries<readonly Check[]>(rows).map(([name, checks]) => {
    // All of them are verbs: `rows` names no other members.
    const verb = (verbs as Record<string, Verb>)[name] as Verb;
    return [name, check(verb, checks)];
  });
  // The same verbs under the same names.
  return Object.fromEntries(entries) as Pick<T, V>;
}

function check(verb: Verb, checks: readonly Check[]): Verb {
  return (...args) => {
    try {
      for (const [index, one] of checks.entries()) one(args[index], "");
    } catch (error) {
      return Promise.reject(error);
    }
    return verb(...args);
  };
}
