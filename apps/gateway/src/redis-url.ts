import { parseRedisUrl } from "@hooks/receiver/redis";

/** What is expected instead of a URL that is none. */
export const redisUrlForm =
  "redis://… or rediss://…, of several nodes HOST:PORT,HOST:PORT?cluster=true or …?sentinel=NAME";

/** Whether an inbox or a destination can be there. */
export function isRedisUrl(url: string): boolean {
  try {
    parseRedisUrl(url);
    return /^rediss?:\/\/./.test(url);
  } catch {
    return false;
  }
}
