import { Redis, type RedisOptions } from "ioredis";
import { InboxUnavailable } from "../inbox.ts";
import { acceptBatchScript, acceptScript } from "./redis-accept-scripts.ts";
import { claimScript, renewScript, requeueScript, settleScript } from "./redis-scripts.ts";

type Argument = string | number | Buffer;

/** The scripts as commands; the first argument is the number of keys. */
export interface InboxClient extends Redis {
  hooksAccept(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksAcceptBatch(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksClaimBuffer(keys: number, ...args: readonly Argument[]): Promise<ClaimReply>;
  hooksRenew(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksSettle(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksRequeue(keys: number, ...args: readonly Argument[]): Promise<number>;
}

/** Cursor, then per entry: key, attempt, how many share it, fields. */
export type ClaimReply = readonly [
  cursor: Buffer,
  entries: readonly (readonly [key: Buffer, attempt: number, shares: number, fields: readonly Buffer[]])[],
];

/**
 * A connection that fails fast: no queue while disconnected, no repetition of commands, and an answer or an error
 * within `commandTimeout`, also when the server is stopped or the network swallows packets.
 */
export function connectInbox(
  url: string,
  name: string,
  options: Pick<RedisOptions, "commandTimeout" | "socketTimeout">,
): InboxClient {
  const client = new Redis(url, {
    connectionName: name,
    connectTimeout: 1_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A connection that took commands and stays silent is given up, so that what was sent into it does not pile up.
    socketTimeout: 3_000,
    retryStrategy: (times) => Math.min(50 * times, 500),
    ...options,
  });
  // Every command reports its own failure; without a listener the same failure would end the process.
  client.on("error", () => {});
  client.defineCommand("hooksAccept", { lua: acceptScript });
  client.defineCommand("hooksAcceptBatch", { lua: acceptBatchScript });
  client.defineCommand("hooksClaim", { lua: claimScript });
  client.defineCommand("hooksRenew", { lua: renewScript });
  client.defineCommand("hooksSettle", { lua: settleScript });
  client.defineCommand("hooksRequeue", { lua: requeueScript });
  // `defineCommand` adds the methods that the interface declares.
  return client as InboxClient;
}

/** Turns every failure of Redis into the port's fault. */
export async function ask<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (cause) {
    throw new InboxUnavailable("Redis did not answer as it should", { cause });
  }
}
