import { type NatsServer, startNats, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { DiscardPolicy, jetstream, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeDestination } from "./conformance.ts";
import { createNatsDestination } from "./nats.ts";

/** Time for a broker to be started anew on a busy machine. */
const patienceMs = 60_000;

describeWithServer("nats", "createNatsDestination", () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    manager = await jetstreamManager(connection, { timeout: 8_000 });
  });
  afterAll(async () => {
    await connection.close();
    await nats.stop();
  });

  const open = (subject: string, timeoutMs = 8_000) =>
    createNatsDestination({ name: "events", url: nats.url, subject, timeoutMs });
  const entry = {
    source: "billing",
    eventId: "e",
    eventType: undefined,
    headers: {},
    body: Buffer.from("{}"),
    receivedAtMs: 0,
    attempt: 1,
  };

  let turn = 0;
  describeDestination("nats", {
    deduplicates: true,
    open: async () => {
      turn += 1;
      await until(() => manager.streams.add({ name: `hooks${turn}`, subjects: [`hooks.${turn}`] }));
      return open(`hooks.${turn}`);
    },
    arrivals: async () => {
      const { messages } = (await until(() => manager.streams.info(`hooks${turn}`))).state;
      if (messages === 0) return [];
      const consumer = await jetstream(connection).consumers.get(`hooks${turn}`);
      const found = [];
      for await (const message of await consumer.fetch({ max_messages: messages, expires: 30_000 })) {
        const headers = Object.fromEntries([...message.headers!].map(([name, [value]]) => [name, value]));
        found.push({
          id: message.headers!.get("hooks-event-id"),
          type: message.headers!.get("hooks-event-type"),
          source: message.headers!.get("hooks-source"),
          body: message.data,
          headers,
        });
      }
      return found;
    },
    breakDown: () => nats.kill(),
    fallSilent: async () => nats.pause(),
    repair: async () => {
      nats.resume();
      await nats.restart();
    },
    close: async () => {},
  });

  it("says that no stream takes the subject, and delivers once there is one", async () => {
    const destination = open("nobody.listens");
    expect(await destination.deliver(entry)).toEqual({
      kind: "retry",
      reason: "nats: no stream takes the subject nobody.listens",
    });
    await until(() => manager.streams.add({ name: "late", subjects: ["nobody.>"] }));
    expect(await destination.deliver(entry)).toEqual({ kind: "confirmed" });
    await destination.close();
  });

  it("tries again what a full stream refuses, and rejects what is larger than any message may be", async () => {
    const full = { name: "full", subjects: ["full"], max_msgs: 1, discard: DiscardPolicy.New };
    await until(() => manager.streams.add(full));
    const destination = open("full");
    expect(await destination.deliver(entry)).toEqual({ kind: "confirmed" });
    expect(await destination.deliver({ ...entry, eventId: "f" })).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining("maximum messages exceeded"),
    });
    const largest = connection.info!.max_payload;
    // The headers count, too.
    for (const body of [Buffer.alloc(largest + 1), Buffer.alloc(largest)]) {
      expect(await destination.deliver({ ...entry, eventId: "g", body })).toEqual({
        kind: "rejected",
        reason: `nats: larger, with its headers, than the server's max_payload of ${largest} bytes`,
      });
    }
    await destination.close();
  });

  it(
    "sends again what was under way when the connection was lost, as soon as there is one",
    async () => {
      await until(() => manager.streams.add({ name: "again", subjects: ["again"] }));
      const destination = open("again", patienceMs);
      expect(await destination.deliver(entry)).toEqual({ kind: "confirmed" });
      nats.pause();
      const underWay = destination.deliver({ ...entry, eventId: "under way" });
      await nats.kill();
      const meanwhile = destination.deliver({ ...entry, eventId: "meanwhile" });
      await nats.restart();
      expect(await Promise.all([underWay, meanwhile])).toEqual([
        { kind: "confirmed" },
        { kind: "confirmed" },
      ]);
      await destination.close();
    },
    4 * patienceMs,
  );

  it(
    "connects again after the server has refused it",
    async () => {
      let token: string | undefined;
      const guarded = await startNats({ token: () => token });
      const options = { name: "events", url: guarded.url, subject: "guarded", timeoutMs: 5_000 };
      const destination = createNatsDestination(options);
      const reason = async () => {
        const result = await destination.deliver(entry);
        return result.kind === "retry" ? result.reason : result.kind;
      };
      expect(await reason()).toContain("no stream takes");
      await guarded.kill();
      token = "another";
      await guarded.restart();
      await until(async () => (await reason()).includes("Authorization"), { timeoutMs: patienceMs });
      await guarded.kill();
      token = undefined;
      await guarded.restart();
      await until(async () => (await reason()).includes("no stream takes"), { timeoutMs: patienceMs });
      await destination.close();
      await guarded.stop();
    },
    4 * patienceMs,
  );
});
