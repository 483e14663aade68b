import type { Endpoint, EndpointSecret, EndpointState } from "./model.ts";

/** Verifiers look at ten signatures at the most. */
export const MAX_SECRETS = 5;

/** The same endpoint, delivering or holding. Made active, it starts afresh: its failures of before do not count. */
export function withState(
  { disabledReason: _, ...endpoint }: Endpoint,
  state: EndpointState,
  nowMs: number,
): Endpoint {
  if (state === "active") return { ...endpoint, state, enabledAtMs: nowMs };
  return { ...endpoint, state, ...(state === "disabled" ? { disabledReason: "by_request" } : {}) };
}

/** What an endpoint need not have. */
export interface Removal {
  readonly schedule: boolean;
  readonly rateLimit: boolean;
  readonly clientCertificate: boolean;
}

/** The same endpoint on the sender's schedule, without a rate limit, showing no certificate. */
export function without(
  { schedule, rateLimit, clientCertificate, ...rest }: Endpoint,
  removal: Removal,
): Endpoint {
  return {
    ...rest,
    ...(removal.schedule || schedule === undefined ? {} : { schedule }),
    ...(removal.rateLimit || rateLimit === undefined ? {} : { rateLimit }),
    ...(removal.clientCertificate || clientCertificate === undefined ? {} : { clientCertificate }),
  };
}

export interface Rotation {
  readonly secret: string;
  readonly nowMs: number;
  /** How long the secrets until now go on signing, in milliseconds. */
  readonly overlapMs: number;
}

/** The same endpoint with a new secret, which signs beside the old ones until their time is over. */
export function withSecret(endpoint: Endpoint, { secret, nowMs, overlapMs }: Rotation): Endpoint {
  const retire = (old: EndpointSecret): EndpointSecret => ({
    ...old,
    expiresAtMs: Math.min(old.expiresAtMs ?? Infinity, nowMs + overlapMs),
  });
  const old = endpoint.secrets.map(retire).filter(({ expiresAtMs = Infinity }) => expiresAtMs > nowMs);
  return { ...endpoint, secrets: [{ value: secret, createdAtMs: nowMs }, ...old] };
}
