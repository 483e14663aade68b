import { type RedisServer, until } from "@hooks/testkit";
import { Redis } from "ioredis";

/** Takes everything out of a Redis, and out of its log. */
export async function emptyRedis({ port }: Pick<RedisServer, "port">): Promise<void> {
  const client = new Redis(port, "127.0.0.1");
  try {
    const isRewritten = async () =>
      /aof_rewrite_in_progress:0\s+aof_rewrite_scheduled:0/.test(await client.info("persistence"));
    // It begins to rewrite its log by itself when that has grown.
    await until(isRewritten, { what: "the end of another rewriting" });
    await client.flushall();
    await client.bgrewriteaof();
    await until(isRewritten, { what: "a rewritten log" });
  } finally {
    client.disconnect();
  }
}
