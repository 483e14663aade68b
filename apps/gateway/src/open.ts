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
  return createSqliteInbox({ path: sqlitePath(url), ...limits });
}

/** Whether every process that opens it has an inbox of its own, which ends with it. */
export function isInMemory(url: string): boolean {
  return sqlitePath(url) === ":memory:";
}

function sqlitePath(url: string): string {
  return url.replace(/^sqlite:(?:\/\/(?=\/))?/, "");
}

export function isRedis(url: string): boolean {
  return /^rediss?:/.test(url);
}
