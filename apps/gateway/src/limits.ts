import type { ReceiveLimits } from "@hooks/receiver";
import { createClientLimit } from "./client-limit.ts";
import type { RateLimit } from "./source-config.ts";
import { connectLimits, limitSource } from "./source-limit.ts";

export interface LimitsOptions {
  readonly sources: Readonly<Record<string, { readonly rateLimit: RateLimit }>>;
  /** Where several processes share the sources' limits; without it they are this process's own. */
  readonly redisUrl?: string | undefined;
}

export interface Limits extends Required<ReceiveLimits> {
  close(): void;
}

/** Limits per source and per unverified client. */
export function createLimits({ sources, redisUrl }: LimitsOptions): Limits {
  const client = redisUrl === undefined ? undefined : connectLimits(redisUrl);
  const takes = new Map(
    Object.entries(sources).map(([name, { rateLimit }]) => [name, limitSource(name, rateLimit, client)]),
  );
  return {
    ...createClientLimit(Date.now),
    admit: (source) => takes.get(source)?.(),
    close: () => client?.disconnect(),
  };
}
