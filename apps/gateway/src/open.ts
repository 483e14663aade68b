import type { Inbox } from "@hooks/receiver";
import { createRedisInbox } from "@hooks/receiver/redis";
import { createSqliteInbox } from "@hooks/receiver/sqlite";
import type { Config } from "./config.ts";

/** Opens the inbox that is configured. */
export function openInbox(
  config: Pick<Config, "inboxUrl" | "replicas" | "keptEvents" | "highWaterMark">,
): Inbox {
  const { inboxUrl: url, replicas, keptEvents, highWaterMark } = config;
  const limits = { keptEvents, highWaterMark };
  // Left out, the URL's own count holds.
  if (isRedis(url))
    return createRedisInbox({ url, ...limits, ...(replicas === undefined ? {} : { replicas }) });
  return createSqliteInbox({ path: url.replace(/^sqlite:(?:\/\/(?=\/))?/, ""), ...limits });
}

export function isRedis(url: string): boolean {
  return /^rediss?:/.test(url);
}
