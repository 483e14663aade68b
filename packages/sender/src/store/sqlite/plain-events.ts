import type { NewEvent, PublishResult } from "../../store.ts";
import type { Columns, Members } from "./columns.ts";
import type { Offers } from "./taking-along.ts";

/** An event that goes out as it was published, without what cannot be sent to a thread. */
export interface PlainEvent extends Omit<NewEvent, "render" | "announceDeath" | "envelope"> {
  readonly before: string;
  readonly after: string;
  /** Endpoints of these preferences get it as it was published. What others get, only its publisher can make. */
  readonly ownFor: readonly string[];
}

export const plainMembers: Members<PlainEvent> = {
  id: true,
  isFresh: true,
  type: true,
  version: true,
  source: true,
  subject: true,
  subscriber: true,
  digest: true,
  before: true,
  after: true,
  idempotency: true,
  endpoint: true,
  ownFor: true,
};

/** Plain events, as they are sent to a thread. */
export interface PackedPublishRequest {
  readonly events: Columns<PlainEvent>;
  readonly nowMs: number;
  readonly offers?: Offers;
}

/** What became of plain events; of one that is new and goes out to all its endpoints only which ones these are. */
export type PackedResults = readonly (PublishResult | readonly string[])[];

export function packResults(results: readonly PublishResult[]): PackedResults {
  let last: readonly string[] = [];
  return results.map((result) => {
    if (result.kind !== "published" || result.duplicate) return result;
    // The same list is cloned once.
    if (!isAlike(result.endpoints, last)) last = result.endpoints;
    return last;
  });
}

export function unpackResults(
  packed: PackedResults,
  events: readonly Pick<NewEvent, "id">[],
): readonly PublishResult[] {
  return events.map(({ id }, index) => {
    // One for each event.
    const result = packed[index] ?? [];
    if ("kind" in result) return result;
    const deliveries = result.length;
    return { kind: "published", id, deliveries, duplicate: false, endpoints: result, unrendered: [] };
  });
}

function isAlike(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
