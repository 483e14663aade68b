import { type RabbitmqServer, startRabbitmq, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { type Channel, connect, type RecoveringChannelModel } from "amqplib";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Arrival, describeDestination } from "./conformance.ts";
import { createRabbitmqDestination } from "./rabbitmq.ts";

describeWithServer("rabbitmq", "createRabbitmqDestination", () => {
  let rabbitmq: RabbitmqServer;
  let connection: RecoveringChannelModel;
  let channel: Channel;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
    const recovery = { initialDelay: 50, maxDelay: 200, setup: openChannel };
    connection = await connect(rabbitmq.url, { recovery });
    connection.on("error", () => {});
    await channel.assertQueue("hooks", quorum);
    // It writes down half a second later where a new quorum queue is, and cannot find it if it is killed before.
    await rabbitmq.control("eval", "[dets:sync(Table) || Table <- dets:all()].");
  });
  // After a restart it is opened anew.
  beforeEach(() => until(() => channel.checkQueue("hooks"), { timeoutMs: 60_000 }));
  afterAll(async () => {
    await connection.close();
    await rabbitmq.stop();
  });

  const openChannel = async (model: Pick<RecoveringChannelModel, "createChannel">) => {
    channel = await model.createChannel();
    channel.on("error", () => {});
  };
  const open = (to: Parameters<typeof createRabbitmqDestination>[0]["to"]) =>
    createRabbitmqDestination({ name: "events", url: `${rabbitmq.url}?heartbeat=60`, to, timeoutMs: 8_000 });
  const entry = {
    source: "billing",
    eventId: "e",
    eventType: "invoice.paid",
    headers: {},
    body: Buffer.from("{}"),
    receivedAtMs: 0,
    attempt: 1,
  };
  const isConfirmed = async (destination: ReturnType<typeof open>) =>
    (await destination.deliver(entry)).kind === "confirmed";

  let isDown = false;
  describeDestination("rabbitmq", {
    deduplicates: false,
    open: async () => {
      await until(() => channel.purgeQueue("hooks"), { timeoutMs: 60_000 });
      return open({ queue: "hooks" });
    },
    arrivals: async () => {
      const found: Arrival[] = [];
      for (;;) {
        const message = await channel.get("hooks", { noAck: true });
        if (message === false) return found;
        const { messageId, type, headers } = message.properties;
        found.push({
          id: String(messageId),
          type: String(type),
          source: String(headers?.["hooks-source"]),
          headers: headers ?? {},
          body: message.content,
        });
      }
    },
    breakDown: async () => {
      isDown = true;
      await rabbitmq.kill();
    },
    fallSilent: async () => rabbitmq.pause(),
    repair: async () => {
      rabbitmq.resume();
      // It takes seconds to start.
      if (isDown) await rabbitmq.restart();
      isDown = false;
    },
    close: async () => {},
  });

  it("counts a message that no queue takes as refused, and delivers once a queue does", async () => {
    await channel.assertExchange("events", "topic");
    const destination = open({ exchange: "events", routingKey: "billing" });
    expect(await destination.deliver(entry)).toEqual({
      kind: "retry",
      reason: "rabbitmq: no queue takes the message (NO_ROUTE)",
    });
    await channel.assertQueue("billing");
    await channel.bindQueue("billing", "events", "billing");
    expect(await destination.deliver(entry)).toEqual({ kind: "confirmed" });
    await destination.close();
  });

  it("tries again what an exchange that is not there refuses, and recovers when it is", async () => {
    const destination = open({ exchange: "late", routingKey: "x" });
    expect(await destination.deliver(entry)).toMatchObject({ kind: "retry" });
    await channel.assertExchange("late", "fanout");
    await channel.assertQueue("late");
    await channel.bindQueue("late", "late", "");
    await until(() => isConfirmed(destination));
    await destination.close();
  });

  it("declares its queue anew when somebody has deleted it", async () => {
    const destination = open({ queue: "deleted" });
    await until(() => isConfirmed(destination));
    await channel.deleteQueue("deleted");
    expect(await destination.deliver(entry)).toEqual({
      kind: "retry",
      reason: "rabbitmq: no queue takes the message (NO_ROUTE)",
    });
    await until(() => isConfirmed(destination));
    await destination.close();
  });

  it("tries again what a full queue refuses", async () => {
    await channel.assertQueue("full", { maxLength: 1, arguments: { "x-overflow": "reject-publish" } });
    const destination = open({ exchange: "", routingKey: "full" });
    expect(await destination.deliver(entry)).toEqual({ kind: "confirmed" });
    expect(await destination.deliver(entry)).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining("nacked"),
    });
    await channel.purgeQueue("full");
    expect(await destination.deliver(entry)).toEqual({ kind: "confirmed" });
    await destination.close();
  });

  it("keeps events while the server blocks the connection, and goes on when it does not", async () => {
    const destination = open({ queue: "hooks" });
    await until(() => isConfirmed(destination));
    await rabbitmq.control("set_vm_memory_high_watermark", "0.000001");
    // The server tells a connection that it is blocked when that publishes.
    const reasons = new Set<string>();
    await until(async () => {
      const result = await destination.deliver(entry);
      if (result.kind === "retry") reasons.add(result.reason);
      return [...reasons].some((reason) => reason.startsWith("rabbitmq: blocked: "));
    });
    await rabbitmq.control("set_vm_memory_high_watermark", "0.9");
    await until(() => isConfirmed(destination));
    await destination.close();
  });
});

const quorum = { durable: true, arguments: { "x-queue-type": "quorum" } };
