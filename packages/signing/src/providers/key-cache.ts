/** Keys that were fetched, by name. Time is Unix seconds, of the request that asks. */
export interface KeyCache<Key> {
  /** The key, or `undefined` when it cannot be had at the moment. Never rejects. */
  find(search: KeySearch<Key>): Promise<Key | undefined>;
  /** Says that a signature was verified with a key, so that no key that was merely asked for can push it out. */
  prove(name: string): void;
}

/** What a request wants to know. */
export interface KeySearch<Key> {
  readonly name: string;
  readonly nowSeconds: number;
  /** How old a key may be before it is fetched anew. */
  readonly maxAgeSeconds: number;
  /** Fetches and parses the key; `undefined` when that fails. Does not reject. */
  readonly load: () => Promise<Key | undefined>;
}

interface Entry<Key> {
  readonly key: Key;
  readonly fetchedAt: number;
  /** Until then no further attempt to fetch it anew. */
  retryAt: number;
}

interface Flight<Key> {
  readonly startedAt: number;
  readonly key: Promise<Key | undefined>;
}

/** Keys with which a signature was verified, and keys with which none was yet: so many of each are kept. */
const maxKeys = 32;
/** A key that cannot be fetched anew is used for this much longer: a week. */
const maxStaleSeconds = 7 * 24 * 3600;
/** A failure is remembered so long. Short: the provider may have published the key a moment late. */
const failureSeconds = 5;
const maxFailures = 256;
/** Fetches for names that nothing was verified with: this many at once, this many in a row, and one in two seconds. */
const maxFlights = 8;
const burst = 30;
const refillSeconds = 2;
/** A fetch that takes longer is given up on: it no longer holds a place. */
const flightSeconds = 30;

/**
 * A cache of fetched keys whose names come from requests that nobody has verified yet. Such a request can make it fetch
 * only at a limited rate, and can neither push out nor delay a key that a signature was verified with.
 *
 * While somebody uses up the rate with invented names, a key that is really new has to wait for its turn; the requests
 * signed with it are `key_unavailable` until then, and come again.
 */
export function createKeyCache<Key>(): KeyCache<Key> {
  const proven = new Map<string, Entry<Key>>();
  const others = new Map<string, Entry<Key>>();
  const failures = new Map<string, number>();
  const flights = new Map<string, Flight<Key>>();
  const mayFetch = createBudget();

  const start = ({ name, nowSeconds, load }: KeySearch<Key>): Promise<Key | undefined> => {
    const key = load().then((key) => {
      if (flights.get(name)?.key === flight.key) flights.delete(name);
      const keys = proven.has(name) ? proven : others;
      if (key !== undefined) {
        put(keys, { name, value: { key, fetchedAt: nowSeconds, retryAt: 0 }, limit: maxKeys });
        return key;
      }
      const old = keys.get(name);
      if (old !== undefined) old.retryAt = nowSeconds + failureSeconds;
      else put(failures, { name, value: nowSeconds + failureSeconds, limit: maxFailures });
      return undefined;
    });
    const flight: Flight<Key> = { startedAt: nowSeconds, key };
    flights.set(name, flight);
    return key;
  };

  const isAllowed = ({ name, nowSeconds }: KeySearch<Key>): boolean => {
    if (proven.has(name)) return true;
    if ((failures.get(name) ?? 0) > nowSeconds) return false;
    for (const [other, { startedAt }] of flights) {
      if (nowSeconds - startedAt > flightSeconds) flights.delete(other);
    }
    return flights.size < maxFlights && mayFetch(nowSeconds);
  };

  return {
    find: async (search) => {
      const { name, nowSeconds, maxAgeSeconds } = search;
      const entry = proven.get(name) ?? others.get(name);
      if (entry !== undefined) touch(proven.has(name) ? proven : others, name);
      // A clock that was set back makes a key look younger than it is, never unusable.
      const age = entry === undefined ? Infinity : nowSeconds - entry.fetchedAt;
      if (entry !== undefined && age <= maxAgeSeconds) return entry.key;
      const usable = age <= maxStaleSeconds + maxAgeSeconds ? entry?.key : undefined;
      if (entry !== undefined && nowSeconds < entry.retryAt) return usable;
      const flight = flights.get(name);
      if (flight !== undefined && nowSeconds - flight.startedAt <= flightSeconds) {
        return (await flight.key) ?? usable;
      }
      return isAllowed(search) ? ((await start(search)) ?? usable) : usable;
    },
    prove: (name) => {
      const entry = others.get(name);
      if (entry === undefined) return;
      others.delete(name);
      put(proven, { name, value: entry, limit: maxKeys });
    },
  };
}

/** A bucket of permissions that fills up with time. */
function createBudget(): (nowSeconds: number) => boolean {
  let left = burst;
  let filledAt = 0;
  return (nowSeconds) => {
    const steps = Math.max(0, Math.floor((nowSeconds - filledAt) / refillSeconds));
    left = Math.min(burst, left + steps);
    filledAt = left === burst ? nowSeconds : filledAt + steps * refillSeconds;
    if (left === 0) return false;
    left--;
    return true;
  };
}

function touch<Value>(map: Map<string, Value>, name: string): void {
  const value = map.get(name);
  if (value === undefined) return;
  map.delete(name);
  map.set(name, value);
}

/** Puts a value last in the order in which values are dropped. */
function put<Value>(
  map: Map<string, Value>,
  { name, value, limit }: { readonly name: string; readonly value: Value; readonly limit: number },
): void {
  map.delete(name);
  map.set(name, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) break;
    map.delete(oldest);
  }
}
