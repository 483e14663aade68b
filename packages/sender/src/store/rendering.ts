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
}

/** What each target gets; those without anything are left out. Endpoints of the same preferences are asked for once. */
export function renderFor(targets: readonly Target[], event: NewEvent): readonly Rendering[] {
  const made = new Map<string, Rendition>();
  return targets.flatMap((target) => {
    const { preferences } = target;
    const rendition = made.get(preferences) ?? event.render(readPreferences(preferences));
    made.set(preferences, rendition);
    return rendition.kind === "withheld" ? [] : [{ ...target, rendition }];
  });
}
