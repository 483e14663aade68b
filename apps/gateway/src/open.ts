import type { Inbox } from "@hooks/receiver";
import { createRedisInbox } from "@hooks/receiver/redis";
import { createSqliteInbox } from "@hooks/receiver/sqlite";
import type { Config } from "./config.ts";

/** Opens the inbox that is configured. */
export function openInbox({ inboxUrl: url, replicas }: Pick<Config, "inboxUrl" | "replicas">): Inbox {
  if (isRedis(url)) return createRedisInbox({ url, replicas });
  return createSqliteInbox({ path: url.replace(/^sqlite:(?:\/\/(?=\/))?/, "") });
}

export function isRedis(url: string): boolean {
  return /^rediss?:/.test(url);
}
