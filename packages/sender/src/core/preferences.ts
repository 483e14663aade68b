/** How an endpoint wants its events, beyond which ones. */
export interface Preferences {
  /** Event type to the major it is pinned to, such as `"1"`. A type that is not here is at the one it was introduced with. */
  readonly versions: Readonly<Record<string, string>>;
  /** The features whose events and members it gets. */
  readonly featureFlags: readonly string[];
}

/** Of an endpoint that never said anything. */
export const NO_PREFERENCES: Preferences = { versions: {}, featureFlags: [] };
