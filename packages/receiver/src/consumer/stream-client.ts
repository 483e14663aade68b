import type { Redis } from "ioredis";
import { connectRedis, type RedisPlace } from "../redis/connect-redis.ts";
import { describeProblem } from "../redis/redis-problem.ts";
import { inheritScript, leadOnScript, leadScript, pendingScript, resignScript } from "./order-scripts.ts";
import {
  buryScript,
  claimScript,
  deadScript,
  discardScript,
  doneScript,
  leaveScript,
  renewScript,
  requeueScript,
  retryScript,
} from "./stream-scripts.ts";

type Argument = string | number;

/** Id, attempt, fields. */
export type ClaimedRow = readonly [id: Buffer, attempt: number, fields: readonly Buffer[]];

/** Without attempt and fields where the entry was deleted. */
export type NamedRow = ClaimedRow | readonly [id: Buffer];

export type LeadReply =
  | readonly [0]
  | readonly [
      leads: 1,
      last: Buffer,
      due: readonly NamedRow[],
      named: readonly NamedRow[],
      fresh: readonly ClaimedRow[],
    ];

/** Without the rest for a dead letter, and where the entry was deleted. */
export type PendingRow =
  | readonly [id: Buffer]
  | readonly [id: Buffer, waits: 0 | 1, fields: readonly Buffer[]];

/** The scripts as commands. */
export interface StreamClient extends Pick<
  Redis,
  "disconnect" | "off" | "once" | "status" | "xgroup" | "zrem"
> {
  /** Which Redis failed, and why. */
  describeProblem(error: unknown): string;
  hooksTakeBuffer(
    ...args: readonly Argument[]
  ): Promise<readonly [last: Buffer, rows: readonly ClaimedRow[]]>;
  hooksDone(...args: readonly Argument[]): Promise<number>;
  hooksRetry(...args: readonly Argument[]): Promise<number>;
  hooksBury(...args: readonly Argument[]): Promise<number>;
  hooksKeep(...args: readonly Argument[]): Promise<readonly number[]>;
  hooksDeadBuffer(
    ...args: readonly Argument[]
  ): Promise<readonly (readonly [id: Buffer, fields: readonly Buffer[], json: Buffer])[]>;
  hooksRevive(...args: readonly Argument[]): Promise<number>;
  hooksDiscard(...args: readonly Argument[]): Promise<number>;
  hooksLeave(...args: readonly Argument[]): Promise<number>;
  hooksLeadBuffer(...args: readonly Argument[]): Promise<LeadReply>;
  hooksInherit(...args: readonly Argument[]): Promise<number>;
  hooksPendingBuffer(...args: readonly Argument[]): Promise<readonly PendingRow[]>;
  hooksLeadOn(...args: readonly Argument[]): Promise<number>;
  hooksResign(...args: readonly Argument[]): Promise<number>;
}

/** A connection of its own, with the scripts. */
export function connectStream(redis: RedisPlace, commandTimeout: number): StreamClient {
  const client = connectRedis(redis, {
    connectTimeout: 2_000,
    connectionName: "hooks-consumer",
    commandTimeout,
    enableAutoPipelining: true,
  });
  client.defineCommand("hooksTake", { lua: claimScript, numberOfKeys: 2 });
  client.defineCommand("hooksDone", { lua: doneScript, numberOfKeys: 1 });
  client.defineCommand("hooksRetry", { lua: retryScript, numberOfKeys: 2 });
  client.defineCommand("hooksBury", { lua: buryScript, numberOfKeys: 2 });
  client.defineCommand("hooksKeep", { lua: renewScript, numberOfKeys: 1 });
  client.defineCommand("hooksDead", { lua: deadScript, numberOfKeys: 2 });
  client.defineCommand("hooksRevive", { lua: requeueScript, numberOfKeys: 3 });
  client.defineCommand("hooksDiscard", { lua: discardScript, numberOfKeys: 2 });
  client.defineCommand("hooksLeave", { lua: leaveScript, numberOfKeys: 1 });
  client.defineCommand("hooksLead", { lua: leadScript, numberOfKeys: 3 });
  client.defineCommand("hooksInherit", { lua: inheritScript, numberOfKeys: 2 });
  client.defineCommand("hooksPending", { lua: pendingScript, numberOfKeys: 1 });
  client.defineCommand("hooksLeadOn", { lua: leadOnScript, numberOfKeys: 1 });
  client.defineCommand("hooksResign", { lua: resignScript, numberOfKeys: 1 });
  const common = { describeProblem: (error: unknown) => describeProblem(client, error) };
  // `defineCommand` adds the methods that the interface declares.
  return Object.assign(client as unknown as StreamClient, common);
}
