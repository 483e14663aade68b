import type { Endpoint, EndpointSecret, EndpointState } from "./model.ts";

/** Verifiers look at ten signatures at the most. */
export const MAX_SECRETS = 5;

/** The same endpoint, delivering or holding. */
export function withState({ disabledReason: _, ...endpoint }: Endpoint, state: EndpointState): Endpoint {
  return { ...endpoint, state, ...(state === "disabled" ? { disabledReason: "by_request" } : {}) };
}

/** The same endpoint on the sender's schedule. */
export function withoutSchedule({ schedule: _, ...endpoint }: Endpoint): Endpoint {
  return endpoint;
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
