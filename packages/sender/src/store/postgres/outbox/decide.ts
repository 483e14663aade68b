import { IDEMPOTENCY_MS, type NewEvent, type PublishResult } from "../../../store.ts";
import { renderFor, type Rendering } from "../../rendering.ts";
import { keyOf } from "../idempotency.ts";
import type { Known, KnownEvent, KnownKey } from "./known.ts";

/** Events that are published all or not at all. */
export interface Call {
  readonly events: readonly NewEvent[];
  readonly nowMs: number;
}

/** An event that is to be kept, and what each of its targets gets. */
export interface NewRecord {
  readonly kind: "new";
  readonly event: NewEvent;
  readonly nowMs: number;
  readonly renderings: readonly Rendering[];
}

/** What becomes of a call; with one refusal nothing of it is kept. */
export type Decision =
  | { readonly kind: "refused"; readonly results: readonly PublishResult[] }
  | { readonly kind: "accepted"; readonly events: readonly (NewRecord | PublishResult)[] };

/** Decides calls in their order, each knowing what those before it publish. */
export function decide(calls: readonly Call[], known: Known): readonly Decision[] {
  const events = new Map(known.events);
  const keys = new Map(known.keys);
  return calls.map((call) => {
    const view = { ...known, events: layerOver(events), keys: layerOver(keys) };
    const decided = call.events.map((event) => decideOne(event, call.nowMs, view));
    if (decided.some(({ kind }) => kind !== "new" && kind !== "published")) {
      const results = decided.map((one) => (one.kind === "new" ? nothing(one.event.id) : one));
      return { kind: "refused", results };
    }
    view.events.keep();
    view.keys.keep();
    return { kind: "accepted", events: decided };
  });
}

/** What a call sees. What it adds counts for others only when all of it is accepted. */
interface View extends Pick<Known, "isSubscriber" | "targetsOf"> {
  readonly events: Layer<KnownEvent>;
  readonly keys: Layer<KnownKey>;
}

interface Layer<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
  /** Moves what was set to the layer below. */
  keep(): void;
}

function layerOver<Value>(below: Map<string, Value>): Layer<Value> {
  const own = new Map<string, Value>();
  return {
    get: (name) => own.get(name) ?? below.get(name),
    set: (name, value) => void own.set(name, value),
    keep: () => {
      for (const [name, value] of own) below.set(name, value);
    },
  };
}

function decideOne(event: NewEvent, nowMs: number, view: View): NewRecord | PublishResult {
  const { id, idempotency, digest, subscriber } = event;
  const key = idempotency === undefined ? undefined : keyOf(idempotency);
  const used = key === undefined ? undefined : view.keys.get(key);
  if (used !== undefined && used.createdMs > nowMs - IDEMPOTENCY_MS) {
    if (used.digest !== idempotency?.digest) return { kind: "idempotency_conflict", id };
    const repeated = repeat(used.event, digest, view);
    if (repeated !== undefined) return repeated;
  }
  const repeated = repeat(id, digest, view);
  if (repeated !== undefined) return repeated;
  if (subscriber !== undefined && !view.isSubscriber(subscriber)) return { kind: "subscriber_not_found", id };
  const renderings = renderFor(view.targetsOf(event), event);
  // Nobody can name a fresh one, unless it is by its key.
  if (event.isFresh !== true || key !== undefined)
    view.events.set(id, { digest, deliveries: renderings.length });
  if (key !== undefined && idempotency !== undefined)
    view.keys.set(key, { digest: idempotency.digest, event: id, createdMs: nowMs });
  return { kind: "new", event, nowMs, renderings };
}

/** What an event that was published before answers now. */
function repeat(id: string, digest: string, { events }: Pick<View, "events">): PublishResult | undefined {
  const event = events.get(id);
  if (event === undefined) return undefined;
  if (event.digest !== digest) return { kind: "event_id_conflict", id };
  return { ...nothing(id), deliveries: event.deliveries, duplicate: true };
}

function nothing(id: string) {
  return { kind: "published", id, deliveries: 0, duplicate: false, endpoints: [], unrendered: [] } as const;
}
