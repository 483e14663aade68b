import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ClaimedEntry, Inbox, Settlement } from "../inbox.ts";
import { amidCommands } from "../test-support/amid-commands.ts";
import { base, claim as claimAt, clock, dead, done, event } from "./conformance/given.ts";
import { createRedisInbox } from "./redis.ts";

const source = "billing";
const routes = ["orders", "audit", "crm"];
const ids = ["a", "b", "c"];

/** What comes first, and what is done when the log is cut off. */
interface Course {
  readonly name: string;
  readonly before: (world: World) => Promise<unknown>;
  readonly step: (world: World) => Promise<unknown>;
}

const courses: readonly Course[] = [
  {
    name: "events are accepted",
    before: ({ accept }) => accept("a"),
    step: ({ inbox }) => inbox.acceptBatch(["b", "c"].map((eventId) => event({ eventId }))),
  },
  {
    name: "those of one subject are claimed for the first time",
    before: async ({ accept }) => {
      for (const id of ids) await accept(id, "invoice");
    },
    step: ({ claim }) => claim("orders"),
  },
  {
    name: "the first of a subject is done",
    before: async ({ accept }) => {
      for (const id of ids) await accept(id, "invoice");
    },
    step: async ({ claim, settle }) => settle((await claim("orders")).map(done)),
  },
  {
    name: "one of three destinations is through",
    before: async ({ accept }) => {
      for (const id of ids) await accept(id);
    },
    step: async ({ claim, settle }) => settle((await claim("orders")).map(done)),
  },
  {
    name: "the last of three destinations is through",
    before: async ({ accept, claim, settle }) => {
      for (const id of ids) await accept(id);
      for (const name of ["orders", "audit"]) await settle((await claim(name)).map(done));
    },
    step: async ({ claim, settle }) => settle((await claim("crm")).map(done)),
  },
  {
    name: "events are buried",
    before: async ({ accept }) => {
      for (const id of ids) await accept(id, id < "c" ? "invoice" : "order");
    },
    step: async ({ claim, settle }) => settle((await claim("orders")).map(dead)),
  },
  {
    name: "dead letters are sent again",
    before: async ({ accept, claim, settle }) => {
      for (const id of ids) await accept(id);
      await settle((await claim("orders")).map(dead));
    },
    step: async ({ inbox }) => {
      const keys = (await inbox.deadLetters({ source, limit: 10 })).map(({ key }) => key);
      await inbox.requeue({ source, keys });
    },
  },
  {
    name: "what is done is sent again",
    before: async ({ accept, claim, settle }) => {
      for (const id of ids) await accept(id);
      for (const name of routes) await settle((await claim(name)).map(done));
    },
    step: async ({ inbox }) => {
      const keys = (await inbox.events({ source, state: "done", limit: 10 })).map(({ key }) => key);
      await inbox.replay({ source, keys, destinations: ["orders"] });
    },
  },
];

/** An inbox, and who was given what. */
interface World {
  readonly inbox: Inbox;
  accept(eventId: string, subject?: string): Promise<unknown>;
  claim(destination: string, limit?: number): Promise<readonly ClaimedEntry[]>;
  settle(settlements: readonly Settlement[]): Promise<unknown>;
  /** `destination id` of each that was recorded as done. */
  readonly given: Set<string>;
}

function createWorld(inbox: Inbox): World {
  const given = new Set<string>();
  let nowMs = base;
  return {
    inbox,
    given,
    accept: (eventId, subject) => inbox.accept(event({ eventId, subject })),
    claim: (destination, limit = 100) => {
      // Whatever was claimed before is due again.
      nowMs += 60_000;
      return claimAt(inbox, { source, destination, routes, limit, nowMs });
    },
    settle: async (settlements) => {
      const recorded = await inbox.settle(settlements);
      for (const [index, { kind, claim }] of settlements.entries())
        if (recorded[index] === true && kind === "done") given.add(nameOf(claim as ClaimedEntry));
    },
  };
}

const nameOf = ({ destination, eventId }: Pick<ClaimedEntry, "destination" | "eventId">) =>
  `${destination} ${eventId}`;

/** Gives what waits to everybody it is owed to, one by one: what was claimed before may be done before others are looked at. */
async function deliverAll({ inbox, claim, settle }: World): Promise<void> {
  // As often as everything may come, and come again.
  for (let round = 0; round < 4 * ids.length; round += 1) {
    for (const destination of routes) await settle((await claim(destination, 1)).map(done));
    if ((await inbox.depth(source)).waiting === 0) return;
  }
}

describeWithServer("redis", "createRedisInbox, cut off amid a command and then killed once more", () => {
  let redis: RedisServer;
  let inbox: Inbox;
  beforeEach(async () => {
    redis = await startRedis({ args: ["--auto-aof-rewrite-percentage", "0"] });
    inbox = createRedisInbox({ url: redis.url, commandTimeoutMs: 30_000, keptEvents: 1_000, clock });
    await until(() => inbox.selfCheck());
  });
  afterEach(async () => {
    await inbox.close();
    await redis.stop();
  });

  const isBack = async () => {
    await until(() => inbox.depth(source));
    // What was left in the log has its effect with the next transaction.
    await until(() => inbox.accept(event({ source: "other", eventId: crypto.randomUUID() })));
  };
  it.each(courses)(
    "loses nothing when $name",
    async ({ before, step }) => {
      const world = createWorld(inbox);
      await isBack();
      await before(world);
      const begun = redis.log().length;
      await step(world);
      const givenThen = [...world.given];
      const whole = redis.log();
      const cuts = amidCommands(whole, begun);
      expect(cuts.length).toBeGreaterThan(3);
      for (const [index, end] of cuts.entries()) {
        world.given.clear();
        await redis.restartWith(whole.subarray(0, end));
        await isBack();
        // Mostly the same is soon done again.
        if (index % 2 === 0) await step(world);
        await redis.restart();
        await isBack();
        // Whoever was not told that an event was accepted sends it again.
        for (const id of ids) await world.accept(id);
        await deliverAll(world);
        const letters = await inbox.deadLetters({ source, limit: 100 });
        const found = new Set([...givenThen, ...world.given, ...letters.map(nameOf)]);
        const wanted = routes.flatMap((destination) =>
          ids.map((eventId) => nameOf({ destination, eventId })),
        );
        expect(wanted.filter((one) => !found.has(one))).toEqual([]);
        expect(await inbox.depth(source)).toMatchObject({ waiting: 0 });
      }
    },
    600_000,
  );
});
