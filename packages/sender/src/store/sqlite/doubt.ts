/**
 * Whether it is open how much of SQLite's log is on disk, because a sync of it failed. Whatever another connection of this
 * process syncs behind such a gap would be lost with it at a power cut, so all that write share one.
 */
export interface Doubt {
  /** As it goes to a thread. */
  readonly shared: SharedArrayBuffer;
  isRaised(): boolean;
  raise(): void;
  /** The log has begun anew. */
  clear(): void;
}

export function createDoubt(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)): Doubt {
  const flag = new Int32Array(shared);
  return {
    shared,
    isRaised: () => Atomics.load(flag, 0) !== 0,
    raise: () => void Atomics.store(flag, 0, 1),
    clear: () => void Atomics.store(flag, 0, 0),
  };
}
