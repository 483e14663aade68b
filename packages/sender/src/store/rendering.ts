import { orderKeyOf, type Ordering } from "../core/ordering.ts";
import type { Rendition } from "../render.ts";
import type { NewEvent } from "../store.ts";
import { readPreferences } from "./preferences.ts";

/** An endpoint that takes an event. */
export interface Target {
  readonly endpoint: string;
  readonly subscriber: string;
  /** As `readPreferences` reads them. */
  readonly preferences: string;
}

/** What a target gets. */
export interface Rendering extends Target {
  readonly rendition: Exclude<Rendition, { readonly kind: "withheld" }>;
  readonly ordering: Ordering;
  /** In order with others of the endpoint that have the same. */
  readonly orderKey: string | undefined;
}

/** What each target gets; those without anything are left out. Endpoints of the same preferences are asked for once. */
export function renderFor(targets: readonly Target[], event: NewEvent): readonly Rendering[] {
  const made = new Map<string, { readonly rendition: Rendition; readonly ordering: Ordering }>();
  const make = (preferences: string) => {
    const { ordering, ...wanted } = readPreferences(preferences);
    const one = { rendition: event.render(wanted), ordering };
    made.set(preferences, one);
    return one;
  };
  return targets.flatMap((target) => {
    const { rendition, ordering } = made.get(target.preferences) ?? make(target.preferences);
    const orderKey = orderKeyOf(ordering, event);
    return rendition.kind === "withheld" ? [] : [{ ...target, rendition, ordering, orderKey }];
  });
}
