import { isDeviceName } from "../device-names.ts";

/**
 * The event type that a foreign name means, always the same for the same name: `issues$closed`, `issues/closed` and
 * `Issues.Closed` are `issues.closed`; `InvoicePaidEvent` is `invoice_paid`. A last word `event` says nothing and goes.
 * What cannot be the name of a folder everywhere (`con`) is put after `event_`.
 */
export function eventTypeFrom(name: string): string {
  const segments = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[.$/:#]+/)
    .map(segmentFrom)
    .filter((segment) => segment !== "")
    .map((segment) => (/^[a-z]/.test(segment) ? segment : `event_${segment}`));
  const said = segments.length > 1 && segments.at(-1) === "event" ? segments.slice(0, -1) : segments;
  const type = said.join(".").replace(/(?<=[a-z0-9])_event$/, "");
  if (isDeviceName(type)) return eventTypeFrom(`event_${type}`);
  return type === "" ? "event" : type.slice(0, maxLength).replace(/[._]+$/, "");
}

/** A folder carries the name of its event type. */
const maxLength = 100;

function segmentFrom(text: string): string {
  return text.replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "");
}

/** Gives each name its event type; names that come to the same are told apart by a number. */
export function eventTypesFrom(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const type = eventTypeFrom(name);
    let free = type;
    for (let number = 2; taken.has(free); number++) free = `${type}_${number}`;
    taken.add(free);
    return free;
  });
}
