import type { RedisServer } from "@hooks/testkit";
import type { Cluster, Redis } from "ioredis";
import type { Arrival, DestinationUnderTest } from "../destinations/conformance.ts";

/** What a destination has added to a stream. */
export async function arrivalsIn(client: Redis | Cluster, stream: string): Promise<readonly Arrival[]> {
  const rows = await client.xrangeBuffer(stream, "-", "+");
  return rows.map(([, values]) => {
    const field = (name: string) =>
      values.at(values.findIndex((value) => value.equals(Buffer.from(name))) + 1) ?? Buffer.alloc(0);
    return {
      id: field("id").toString(),
      type: field("type").toString(),
      source: field("source").toString(),
      body: field("body"),
      headers: JSON.parse(field("headers").toString()) as Record<string, string>,
    };
  });
}

/** How the Redis that is found when it is to fail does so, and comes back. */
export function faultsOf(
  find: () => RedisServer | Promise<RedisServer>,
): Pick<DestinationUnderTest, "breakDown" | "fallSilent" | "repair"> {
  let faulty: RedisServer | undefined;
  return {
    breakDown: async () => {
      faulty = await find();
      await faulty.kill();
    },
    fallSilent: async () => {
      faulty = await find();
      faulty.pause();
    },
    repair: async () => {
      faulty?.resume();
      await faulty?.restart();
    },
  };
}
