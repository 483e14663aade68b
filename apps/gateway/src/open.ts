import type { Egress } from "@hooks/egress";
import type { Destination, Inbox } from "@hooks/receiver";
import { createHttpDestination } from "@hooks/receiver/destinations/http";
import { createRedisStreamDestination } from "@hooks/receiver/destinations/redis-stream";
import { createRedisInbox } from "@hooks/receiver/redis";
import { createSqliteInbox } from "@hooks/receiver/sqlite";
import type { Config, DestinationConfig } from "./config.ts";

/** Opens the inbox that is configured. */
export function openInbox({ inboxUrl: url, replicas }: Pick<Config, "inboxUrl" | "replicas">): Inbox {
  if (isRedis(url)) return createRedisInbox({ url, replicas });
  return createSqliteInbox({ path: url.replace(/^sqlite:(?:\/\/(?=\/))?/, "") });
}

export function isRedis(url: string): boolean {
  return /^rediss?:/.test(url);
}

/** Opens a configured destination; HTTP ones go through `egress`. */
export function openDestination(name: string, config: DestinationConfig, egress: Egress): Destination {
  switch (config.type) {
    case "http":
      return createHttpDestination({ name, url: config.url, timeoutMs: config.timeoutMs, egress });
    case "redis-stream":
      return createRedisStreamDestination({ name, url: config.url, stream: config.stream });
  }
}
