import { type RedisServer, until } from "@hooks/testkit";
import { Redis } from "ioredis";

/** Takes everything out of a Redis, and out of its log. */
export async function emptyRedis({ port }: Pick<RedisServer, "port">): Promise<void> {
  const client = new Redis(port, "127.0.0.1");
  try {
    await client.flushall();
    await client.bgrewriteaof();
    const isRewritten = async () => /aof_rewrite_in_progress:0/.test(await client.info("persistence"));
    await until(isRewritten, { what: "a rewritten log" });
  } finally {
    client.disconnect();
  }
}
