import { NO_PREFERENCES, type Preferences } from "../core/preferences.ts";

/** Preferences as a subscription carries them, so that publishing need not read endpoints. The usual ones are empty. */
export function writePreferences({ versions, featureFlags }: Preferences): string {
  const isUsual = Object.keys(versions).length === 0 && featureFlags.length === 0;
  return isUsual ? "" : JSON.stringify({ versions, featureFlags });
}

export function readPreferences(text: string): Preferences {
  // Written above.
  return text === "" ? NO_PREFERENCES : (JSON.parse(text) as Preferences);
}
