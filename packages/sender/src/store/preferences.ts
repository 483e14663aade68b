import type { Endpoint } from "../core/model.ts";
import type { Ordering } from "../core/ordering.ts";
import { NO_PREFERENCES, type Preferences } from "../core/preferences.ts";

/** What publishing has to know of an endpoint. */
export type Wishes = Preferences & { readonly ordering: Ordering };

const USUAL: Wishes = { ...NO_PREFERENCES, ordering: "none" };

/** Wishes as a subscription carries them, so that publishing need not read endpoints. The usual ones are empty. */
export function writePreferences({ versions, featureFlags, ordering }: Pick<Endpoint, keyof Wishes>): string {
  const isUsual = Object.keys(versions).length === 0 && featureFlags.length === 0 && ordering === "none";
  if (isUsual) return "";
  return JSON.stringify({ versions, featureFlags, ...(ordering === "none" ? {} : { ordering }) });
}

export function readPreferences(text: string): Wishes {
  // Written above.
  return text === "" ? USUAL : { ...USUAL, ...(JSON.parse(text) as Partial<Wishes>) };
}
