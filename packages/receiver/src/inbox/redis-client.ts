import { Cluster, type Redis } from "ioredis";
import { InboxUnavailable } from "../inbox.ts";
import { connectRedis, type ConnectOptions, type RedisPlace } from "../redis/connect-redis.ts";
import { describeProblem } from "../redis/redis-problem.ts";
import { acceptBatchScript, acceptScript } from "./redis-accept-scripts.ts";
import { dueScript } from "./redis-index.ts";
import { claimScript, renewScript, replayScript, requeueScript, settleScript } from "./redis-scripts.ts";

type Argument = string | number | Buffer;

/** The scripts as commands; the first argument is the number of keys. */
export interface Scripts {
  hooksAccept(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksAcceptBatch(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksClaimBuffer(keys: number, ...args: readonly Argument[]): Promise<ClaimReply>;
  hooksDue(keys: number, ...args: readonly Argument[]): Promise<readonly string[]>;
  hooksRenew(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksSettle(keys: number, ...args: readonly Argument[]): Promise<readonly number[]>;
  hooksRequeue(keys: number, ...args: readonly Argument[]): Promise<number>;
  hooksReplay(keys: number, ...args: readonly Argument[]): Promise<number>;
}

/** What a connection to one server and one to a cluster have in common. */
type Shared = Pick<
  Redis,
  | "disconnect"
  | "off"
  | "once"
  | "pipeline"
  | "smembers"
  | "status"
  | "wait"
  | "xdel"
  | "xlen"
  | "xrangeBuffer"
  | "xread"
>;

export interface InboxClient extends Shared, Scripts {
  readonly isCluster: boolean;
  /** The servers that take writes, as far as they are known. */
  primaries(): readonly Redis[];
  /** Asks the cluster again which node has what. */
  refresh(): Promise<void>;
  /** Calls `listener` when the connection was lost, or other servers of the cluster take writes. */
  onReconnect(listener: () => void): void;
  /** Which Redis failed, and why. */
  describeProblem(error: unknown): string;
}

/** 1 when every entry has been looked at, then per entry: key, attempt, how many share it, fields. */
export type ClaimReply = readonly [
  isThrough: number,
  entries: readonly (readonly [key: Buffer, attempt: number, shares: number, fields: readonly Buffer[]])[],
];

/** A connection as `connectRedis` makes them, with the inbox's scripts. */
export function connectInbox(place: RedisPlace, options: ConnectOptions): InboxClient {
  const client = connectRedis(place, options);
  for (const [name, lua] of Object.entries(scripts)) client.defineCommand(name, { lua });
  const common = {
    primaries: () => (client instanceof Cluster ? client.nodes("master") : [client]),
    refresh: async () => {
      if (!(client instanceof Cluster)) return;
      await new Promise((resolve) => client.refreshSlotsCache(resolve));
    },
    onReconnect: (listener: () => void) => {
      client.on("close", listener);
      if (client instanceof Cluster) onOtherNodes(client, listener);
    },
    describeProblem: (error: unknown) => describeProblem(client, error),
  };
  // `defineCommand` adds the methods that the interface declares; both clients have the others and `isCluster`.
  return Object.assign(client as unknown as InboxClient, common);
}

function onOtherNodes(client: Cluster, listener: () => void): void {
  // What is asked of a node before it is connected is sent then, and answered afterwards. One that is away is connected
  // in vain again and again, which changes nothing of the others.
  for (const node of client.nodes()) node.once("ready", listener);
  client.on("+node", (node: Redis) => node.once("ready", listener));
  const addresses = (role: "master" | "slave") =>
    client.nodes(role).map(({ options }) => `${options.host}:${options.port}`);
  let replicas = addresses("slave");
  client.on("refresh", () => {
    if (addresses("master").some((primary) => replicas.includes(primary))) listener();
    replicas = addresses("slave");
  });
}

const scripts = {
  hooksAccept: acceptScript,
  hooksAcceptBatch: acceptBatchScript,
  hooksClaim: claimScript,
  hooksDue: dueScript,
  hooksRenew: renewScript,
  hooksSettle: settleScript,
  hooksRequeue: requeueScript,
  hooksReplay: replayScript,
};

interface Patience {
  readonly client: InboxClient;
  readonly timeoutMs: number;
}

/**
 * Turns every failure of Redis into the port's fault, also that no answer came in time: a cluster's client tries again
 * before it sends anything, and only then does the time of the command begin.
 */
export async function ask<T>(reply: Promise<T>, { client, timeoutMs }: Patience): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([reply, late]);
  } catch (error) {
    throw new InboxUnavailable(client.describeProblem(error));
  } finally {
    clearTimeout(timer);
  }
}
