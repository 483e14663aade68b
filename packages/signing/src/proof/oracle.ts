import type { FetchKey } from "../providers/fetch-key.ts";

/** What a request to be signed is made of. */
export interface Sample {
  readonly id: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly url: string;
  readonly body: Buffer;
}

/** A request as it comes over the wire. Header names are lower-case. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * A vendor's own library, asked what it thinks of the same request. It is imported only when it is asked, so that the
 * table can be read without it.
 */
export interface Oracle {
  /** The rows whose scheme the library implements. */
  readonly providers: readonly string[];
  /** Its name in the npm registry. */
  readonly library: string;
  /** What our side is configured with. */
  readonly secrets: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly fetchKey?: FetchKey;
  /** A body such as the provider sends, where the library does not take any JSON object. */
  readonly body?: Buffer;
  /** The library signs; left out where it cannot. */
  readonly sign?: (sample: Sample) => Promise<SignedRequest>;
  /** The library verifies. It refuses by giving `false`: what it throws is turned into that. */
  readonly verify: (request: SignedRequest) => Promise<boolean>;
  /** Signs as the provider would, for `verify`, where the row's own test request cannot. */
  readonly signer?: (sample: Sample) => Promise<SignedRequest>;
}

/** `true` unless the check throws: for libraries that refuse by throwing. */
export async function passes(check: () => unknown): Promise<boolean> {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
}
