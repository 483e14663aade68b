import { randomUUID } from "node:crypto";
import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAnswerThief, type AnswerThief } from "../../test-support/answer-thief.ts";
import { DELIVERED, playSender } from "../../test-support/played-sender.ts";
import { createPostgresStore } from "../postgres.ts";

/** Longer than any test: nothing that goes on has waited for a lease to end. */
const NEVER_MS = 600_000;

describeWithServer("postgres", "a PostgreSQL whose answers are lost", () => {
  let server: PostgresServer;
  let thief: AnswerThief;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
    thief = await startAnswerThief(server.url);
  });
  afterAll(async () => {
    thief.close();
    await server.stop();
  });

  /** More than an endpoint has places, so that some are taken with the commit and the others later. */
  const COUNT = 15;

  it.each([
    ["a publish that takes", "insert_events_and_take"],
    ["a take", "take"],
    ["a settle", "settle"],
  ])("of %s: nothing is in flight for ever, and every delivery is made and counted once", async (_, verb) => {
    // Another for a second try: what the first has begun may go on.
    const schema = `${verb}_${randomUUID().slice(0, 8)}`;
    const store = createPostgresStore({ url: thief.url, schema, timeoutMs: 60_000 });
    const { sender, attempted } = playSender({ store, answer: () => DELIVERED, leaseMs: NEVER_MS });
    const { id: subscriber } = await sender.subscribers.create({ name: "one" });
    await sender.endpoints.create({ subscriber, url: "https://example.com/hooks" });
    await sender.start();
    await sender.publish({ type: "invoice.paid", data: {} });
    await until(() => attempted().length === 1);
    let batches = 0;
    const publishBatch = async () => {
      const idempotencyKey = `batch ${(batches += 1)}`;
      const events = Array.from({ length: COUNT }, () => ({ type: "invoice.paid", data: {} }));
      const publish = () => sender.publishBatch(events, { idempotencyKey });
      const first = await publish().catch((error: unknown) => error);
      // Whoever had no answer asks again, and is told of what was published.
      const again = await publish();
      expect(new Set(again.map(({ id }) => id)).size).toBe(COUNT);
      expect(again).toEqual(again.map(({ id }) => ({ id, deliveries: 1, duplicate: true })));
      return first;
    };
    for (let round = 1; round <= 3; round += 1) {
      const before = thief.stolen();
      thief.steal(verb);
      let first = await publishBatch();
      if (verb === "insert_events_and_take") {
        // What comes while the endpoint is busy yet is not taken with its commit.
        while (Array.isArray(first)) first = await publishBatch();
        expect(first).toMatchObject({ code: "storage_unavailable" });
      }
      await until(() => thief.stolen() > before);
      await until(() => attempted().length === 1 + COUNT * batches);
    }
    await until(async () => (await sql(`SELECT FROM "${schema}".journal`)).length === 0, {
      timeoutMs: 90_000,
      what: "nothing in flight",
    });
    const deliveries = await sender.deliveries.list({ limit: 10_000 });
    expect(deliveries).toHaveLength(1 + COUNT * batches);
    for (const delivery of deliveries) expect(delivery).toMatchObject({ state: "delivered", attempts: 1 });
    expect(attempted().filter(({ settled }) => !settled)).toEqual([]);
    await sender.stop();
  });

  async function sql(text: string) {
    const client = new Client(server.url);
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  }
});
