import type { NewEvent } from "../store.ts";

/** What decides which endpoints an event goes to. */
export type Audience = Pick<NewEvent, "type" | "subscriber" | "endpoint">;

/** The same for events of the same audience. */
export function nameOfAudience({ type, subscriber, endpoint }: Audience): string {
  // No event type has a space in it, or is empty.
  if (endpoint !== undefined) return ` ${endpoint}`;
  return subscriber === undefined ? type : `${type} ${subscriber}`;
}

/**
 * Finds something of an audience once, and gives the same for every other event that has it: a batch is mostly of one
 * type, or for one subscriber.
 */
export function createAudiences<Event extends Audience, Found>(
  find: (event: Event) => Found,
): (event: Event) => Found {
  const ofTypes = new Map<string, Map<string | undefined, Found>>();
  const ofEndpoints = new Map<string | undefined, Found>();
  return (event) => {
    const { type, subscriber, endpoint } = event;
    const others =
      endpoint === undefined ? (ofTypes.get(type) ?? new Map<string | undefined, Found>()) : ofEndpoints;
    const name = endpoint ?? subscriber;
    const known = others.get(name);
    if (known !== undefined) return known;
    const found = find(event);
    if (endpoint === undefined) ofTypes.set(type, others);
    others.set(name, found);
    return found;
  };
}
