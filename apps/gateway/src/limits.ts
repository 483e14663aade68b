import type { ReceiveLimits } from "@hooks/receiver";
import {
  type Budget,
  type BudgetOwner,
  connectLimits,
  createMemoryBudget,
  createRedisBudget,
} from "./budget.ts";
import { type ClientLimit, createClientLimit } from "./client-limit.ts";
import type { RateLimit } from "./source-config.ts";
import { createSourceLimit, shareOf } from "./source-limit.ts";

export interface LimitsOptions {
  readonly sources: Readonly<Record<string, { readonly rateLimit: RateLimit }>>;
  /** Where several gateways share the sources' limits; without it they are this one's own. */
  readonly redisUrl?: string | undefined;
  /** After which Redis counts as away. Default 100: senders wait that long. */
  readonly redisTimeoutMs?: number | undefined;
  /** Of this gateway. Default 1. */
  readonly processes?: number | undefined;
  /** What is known of clients, which outlives a configuration. Default: nothing yet. */
  readonly clients?: ClientLimit | undefined;
  /** The budgets that the processes and configurations of this gateway share without Redis. Default: each its own. */
  readonly openBudget?: ((owner: BudgetOwner) => Budget) | undefined;
}

export interface Limits extends Required<ReceiveLimits> {
  close(): void;
}

/** Limits per source and per unverified client. */
export function createLimits(options: LimitsOptions): Limits {
  const { sources, redisUrl, processes = 1, openBudget = createMemoryBudget } = options;
  const { clients = createClientLimit(Date.now), redisTimeoutMs = 100 } = options;
  const client = redisUrl === undefined ? undefined : connectLimits(redisUrl, redisTimeoutMs);
  const open = (owner: BudgetOwner) =>
    client === undefined ? openBudget(owner) : createRedisBudget(owner, { client, processes });
  const admits = new Map(
    Object.entries(sources).map(([source, { rateLimit: limit }]) => {
      const share = shareOf(limit.burst);
      return [source, createSourceLimit(share, open({ source, limit, share }))];
    }),
  );
  return {
    ...clients,
    admit: (source) => admits.get(source)?.(),
    close: () => client?.disconnect(),
  };
}
