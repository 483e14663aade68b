import { randomUUID } from "node:crypto";
import { sign, type SignatureHeaders } from "./sign.ts";
import type { Instant } from "./time.ts";

/** What `generateTestHeaders` takes. */
export interface TestHeadersOptions {
  /** Default: a random one. */
  readonly id?: string | undefined;
  /** Default: now. */
  readonly timestamp?: Instant | undefined;
  readonly body: Uint8Array | string;
  /** `whsec_…` or `whsk_…`. */
  readonly secret: string;
}

/** The headers of a genuine request, for the tests of a receiver. @throws what `sign` throws. */
export function generateTestHeaders({ id, timestamp, body, secret }: TestHeadersOptions): SignatureHeaders {
  return sign({ id: id ?? `msg_${randomUUID()}`, timestamp: timestamp ?? Date.now(), body, keys: [secret] });
}
