import type { EventEmitter } from "node:events";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import { watchProblems } from "./redis-problem.ts";
import { parseRedisUrl, type RedisTarget } from "./redis-url.ts";

/** A connection to one server, whoever says which (a URL or sentinels), or to a cluster. */
export type RedisClient = Redis | Cluster;

/** Where a Redis is: a URL (`parseRedisUrl` reads it), what was read from one, or a client whose settings are taken over. */
export type RedisPlace = string | RedisTarget | RedisClient;

export interface ConnectOptions extends Pick<RedisOptions, "connectTimeout" | "connectionName"> {
  /** In milliseconds. */
  readonly commandTimeout: number;
  /**
   * Sends what is asked in one turn of the event loop together. Default false. Not done in a cluster: what goes together
   * there is not sent on when only a part of it has moved to another node.
   */
  readonly enableAutoPipelining?: boolean;
}

/**
 * A connection of its own that fails fast: no queue while disconnected, no repetition of commands, and an answer or an
 * error within `commandTimeout`, also when the server is stopped or the network swallows packets. It comes back by
 * itself until it is disconnected.
 *
 * @throws TypeError for a URL that is none.
 */
export function connectRedis(place: RedisPlace, options: ConnectOptions): RedisClient {
  const client = open(readPlace(place), options);
  watchProblems(client);
  return client;
}

/** @throws TypeError for a URL that is none. */
export function readPlace(place: RedisPlace): RedisTarget | RedisClient {
  // In JavaScript it may be null, which is an object as well.
  return typeof place === "object" && place !== null ? place : parseRedisUrl(place);
}

const retryStrategy = (times: number) => Math.min(50 * times, 500);

/** What a client that is handed in may have set otherwise. */
const eager = { lazyConnect: false } as const;
const replies = { replyMapping: "legacy", stringNumbers: false } as const;

function open(place: RedisTarget | RedisClient, { enableAutoPipelining = false, ...given }: ConnectOptions) {
  const options = {
    connectTimeout: 1_000,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A connection that took commands and stays silent is given up, so that what was sent into it does not pile up; not
    // before what it was sent is late.
    socketTimeout: given.commandTimeout + 3_000,
    ...given,
  };
  const alone = {
    ...options,
    retryStrategy,
    enableAutoPipelining,
    enableOfflineQueue: false,
    // Behind the same name there is another primary by now, or will be.
    reconnectOnError: ({ message }: Error) => message.startsWith("READONLY"),
  };
  const inCluster = {
    clusterRetryStrategy: retryStrategy,
    enableAutoPipelining: false,
    enableOfflineQueue: false,
    slotsRefreshInterval: 2_000,
  };
  if (place instanceof Redis) return place.duplicate({ ...alone, ...eager, ...replies });
  if (place instanceof Cluster) {
    const redisOptions = { ...options, ...replies };
    return place.duplicate([], { ...inCluster, ...eager, scaleReads: "master", redisOptions });
  }
  const tls = "tls" in place && place.tls ? { tls: {} } : {};
  switch (place.kind) {
    case "single":
      return new Redis(place.url, alone);
    case "sentinel": {
      const { nodes, primary: name, db, login } = place;
      const secure = place.tls ? { ...tls, enableTLSForSentinelMode: true, sentinelTLS: {} } : {};
      const sentinels = { sentinels: [...nodes], sentinelRetryStrategy: retryStrategy };
      return new Redis({ ...alone, ...login, ...secure, ...sentinels, name, db });
    }
    case "cluster":
      return new Cluster([...place.nodes], {
        ...inCluster,
        redisOptions: { ...options, ...place.login, ...tls },
      });
  }
}

/** Resolves with whether the connection is there within `timeoutMs`. Never rejects. */
export function isConnected(
  client: Pick<EventEmitter, "once" | "off"> & { readonly status: string },
  timeoutMs: number,
): Promise<boolean> {
  if (client.status === "ready") return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (isReady: boolean) => {
      clearTimeout(timer);
      client.off("ready", succeed);
      resolve(isReady);
    };
    const succeed = () => end(true);
    const timer = setTimeout(end, timeoutMs, false);
    client.once("ready", succeed);
  });
}
