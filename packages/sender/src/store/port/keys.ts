/** What is encrypted at rest, and under which of the vault's keys. */
export interface Keys {
  /**
   * Seals a little of what is kept, and is not sealed under the vault's first key, anew under that. From its first call on,
   * nobody seals under another, in whatever process; when all is done, the keys that nothing needs any more are forgotten.
   * Can be ended at any moment and begun again, also by several at once, while others publish and deliver. Rejects with a
   * `VaultError` (`invalid_master_key`) when the vault has no keys.
   */
  rewrap(request: RewrapRequest): Promise<Rewrapped>;
}

export interface RewrapRequest {
  /** How many values to look at, about. */
  readonly limit: number;
  /** Where the call before came to; absent to begin. */
  readonly after?: string | undefined;
}

export interface Rewrapped {
  /** How many values were sealed anew. */
  readonly sealed: number;
  /** How many were left as they are: they were changed, or their key is gone. */
  readonly unreadable: number;
  /**
   * `more` has to be gone on with at `after`; `waiting` was not begun, because there are transactions of before the first
   * call; `done` has sealed everything.
   */
  readonly state: "more" | "waiting" | "done";
  readonly after?: string;
  /** When it is `done`: keys that were in use before and are not any more. Nobody has to have them from now on. */
  readonly forgotten: readonly string[];
  /** When it is `done`: other keys that are still in use, because a process was started meanwhile that has them first. */
  readonly inUse: readonly string[];
}
