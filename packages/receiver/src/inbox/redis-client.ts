import { Cluster, Redis, type RedisOptions } from "ioredis";
import { InboxUnavailable } from "../inbox.ts";
import { acceptBatchScript, acceptScript } from "./redis-accept-scripts.ts";
import { claimScript, renewScript, replayScript, requeueScript, settleScript } from "./redis-scripts.ts";
import { parseRedisUrl, type RedisTarget } from "./redis-url.ts";

type Argument = string | number | Buffer;

/** The scripts as commands; the first argument is the number of keys. */
export interface Scripts {
  hooksAccept(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksAcceptBatch(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksClaimBuffer(keys: number, ...args: readonly Argument[]): Promise<ClaimReply>;
  hooksRenew(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksSettle(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksRequeue(keys: number, ...args: readonly Argument[]): Promise<number>;
  hooksReplay(keys: number, ...args: readonly Argument[]): Promise<number>;
}

/** What a connection to one server and one to a cluster have in common. */
type Shared = Pick<
  Redis,
  "disconnect" | "once" | "pipeline" | "smembers" | "status" | "wait" | "xlen" | "xrangeBuffer" | "xread"
>;

export interface InboxClient extends Shared, Scripts {
  readonly isCluster: boolean;
  /** The servers that take writes, as far as they are known. */
  primaries(): readonly Redis[];
  /** Asks the cluster again which node has what. */
  refresh(): Promise<void>;
}

/** Cursor, then per entry: key, attempt, how many share it, fields. */
export type ClaimReply = readonly [
  cursor: Buffer,
  entries: readonly (readonly [key: Buffer, attempt: number, shares: number, fields: readonly Buffer[]])[],
];

export type ConnectOptions = Pick<RedisOptions, "commandTimeout" | "connectionName" | "socketTimeout">;

/**
 * A connection that fails fast: no queue while disconnected, no repetition of commands, and an answer or an error
 * within `commandTimeout`, also when the server is stopped or the network swallows packets.
 */
export function connectInbox(target: RedisTarget, options: ConnectOptions): InboxClient {
  const client = connect(target, options);
  for (const [name, lua] of Object.entries(scripts)) client.defineCommand(name, { lua });
  const common = {
    primaries: () => (client instanceof Cluster ? client.nodes("master") : [client]),
    refresh: async () => {
      if (!(client instanceof Cluster)) return;
      await new Promise((resolve) => client.refreshSlotsCache(resolve));
    },
  };
  // `defineCommand` adds the methods that the interface declares; both clients have the others and `isCluster`.
  return Object.assign(client as unknown as InboxClient, common);
}

/**
 * A connection of the same kind for something else, to where the URL of an inbox says. It has the options of ioredis
 * that make it fail fast. @throws TypeError for a URL that is none
 */
export function connectRedis(url: string, options: ConnectOptions): Redis | Cluster {
  return connect(parseRedisUrl(url), options);
}

const scripts = {
  hooksAccept: acceptScript,
  hooksAcceptBatch: acceptBatchScript,
  hooksClaim: claimScript,
  hooksRenew: renewScript,
  hooksSettle: settleScript,
  hooksRequeue: requeueScript,
  hooksReplay: replayScript,
};

const retryStrategy = (times: number) => Math.min(50 * times, 500);

function connect(target: RedisTarget, options: ConnectOptions): Redis | Cluster {
  const client = open(target, options);
  // Every command reports its own failure; without a listener the same failure would end the process.
  client.on("error", () => {});
  return client;
}

function open(target: RedisTarget, given: ConnectOptions): Redis | Cluster {
  const options = {
    connectTimeout: 1_000,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A connection that took commands and stays silent is given up, so that what was sent into it does not pile up.
    socketTimeout: 3_000,
    ...given,
  };
  const alone = {
    ...options,
    retryStrategy,
    enableOfflineQueue: false,
    // Behind the same name there is another primary by now, or will be.
    reconnectOnError: ({ message }: Error) => message.startsWith("READONLY"),
  };
  switch (target.kind) {
    case "single":
      return new Redis(target.url, alone);
    case "sentinel": {
      const { nodes, primary: name, db, login } = target;
      const tls = target.tls ? { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} } : {};
      const sentinelRetryStrategy = retryStrategy;
      return new Redis({
        ...alone,
        ...login,
        ...tls,
        sentinels: [...nodes],
        name,
        db,
        sentinelRetryStrategy,
      });
    }
    case "cluster": {
      const { nodes, login } = target;
      const redisOptions = { ...options, ...login, ...(target.tls ? { tls: {} } : {}) };
      return new Cluster([...nodes], {
        redisOptions,
        clusterRetryStrategy: retryStrategy,
        enableOfflineQueue: false,
        slotsRefreshInterval: 2_000,
      });
    }
  }
}

/**
 * Turns every failure of Redis into the port's fault, also that no answer came in time: a cluster's client tries again
 * before it sends anything, and only then does the time of the command begin.
 */
export async function ask<T>(reply: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([reply, late]);
  } catch (cause) {
    throw new InboxUnavailable("Redis did not answer as it should", { cause });
  } finally {
    clearTimeout(timer);
  }
}
