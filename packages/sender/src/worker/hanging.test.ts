import { describe, expect, it } from "vitest";
import { createTestSender, type TestAnswers, type TestSender } from "../testing.ts";

/** The places of a worker, and of an endpoint. */
const PLACES = 500;
const MOST = 10;
/** Nobody gives up on them while the test lasts. */
const TIMEOUT_MS = 3_600_000;
const HANGS: TestAnswers = { status: 200, afterMs: TIMEOUT_MS };

interface Group {
  publish(events: number): Promise<unknown>;
  respond(answers: TestAnswers): void;
  /** How many it was sent. */
  sent(): number;
}

/** A subscriber with so many endpoints. */
async function createGroup(sender: TestSender, name: string, count: number): Promise<Group> {
  const { id: subscriber } = await sender.subscribers.create({ name });
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { id } = await sender.endpoints.create({ subscriber, url: `https://example.com/${name}/${index}` });
    ids.push(id);
  }
  return {
    publish: (events: number) =>
      sender.publishBatch(
        Array.from({ length: events }, () => ({ type: "invoice.paid", subscriber, data: {} })),
      ),
    respond: (answers: TestAnswers) => {
      for (const id of ids) sender.respond(id, answers);
    },
    sent: () => sender.sent().filter(({ url }) => url.includes(`/${name}/`)).length,
  };
}

/** Endpoints of which each has just answered. */
async function createProvenGroup(sender: TestSender, name: string, count: number): Promise<Group> {
  const group = await createGroup(sender, name, count);
  await group.publish(1);
  await sender.advance(0);
  return group;
}

describe("a worker whose endpoints all worked", () => {
  it("serves those that still do, and new ones, while the others hang in all of its places", async () => {
    const sender = createTestSender({ http: { timeoutMs: TIMEOUT_MS } });
    const count = PLACES / MOST;
    const hanging = await createProvenGroup(sender, "hanging", count);
    const working = await createProvenGroup(sender, "working", count);
    const untried = await createGroup(sender, "untried", 5);
    hanging.respond(HANGS);
    await hanging.publish(MOST + 1);
    await sender.advance(0);
    expect(hanging.sent()).toBe(count + PLACES);
    await working.publish(30);
    await untried.publish(30);
    await sender.advance("2s");
    expect(working.sent()).toBe(count * 31);
    expect(untried.sent()).toBe(5 * 30);
    expect(hanging.sent()).toBe(count + PLACES);
    await sender.stop();
  });

  it("has no more than twice as many in flight as places, and sends the rest when these end", async () => {
    const sender = createTestSender({ http: { timeoutMs: TIMEOUT_MS } });
    const waves: Group[] = [];
    for (const name of ["first", "second", "third"])
      waves.push(await createProvenGroup(sender, name, PLACES / MOST));
    const sent = () => waves.reduce((sum, wave) => sum + wave.sent(), 0) - (waves.length * PLACES) / MOST;
    for (const wave of waves) {
      wave.respond({ status: 200, afterMs: 60_000 });
      await wave.publish(MOST);
      await sender.advance("2s");
    }
    await sender.advance("10s");
    expect(sent()).toBe(2 * PLACES);
    for (const wave of waves) wave.respond(200);
    await sender.advance("60s");
    expect(sent()).toBe(3 * PLACES);
    await sender.stop();
  });

  it("goes on with an endpoint of which one attempt hangs", async () => {
    const sender = createTestSender({ http: { timeoutMs: TIMEOUT_MS } });
    const one = await createProvenGroup(sender, "one", 1);
    one.respond([HANGS, 200]);
    await one.publish(1);
    await sender.advance("2s");
    for (let round = 1; round <= 3; round += 1) {
      await one.publish(20);
      await sender.advance(0);
      expect(one.sent()).toBe(2 + 20 * round);
    }
    await sender.stop();
  });

  it("sends as many to endpoints that take two seconds each as it has places", async () => {
    const sender = createTestSender();
    const slow = await createProvenGroup(sender, "slow", 80);
    slow.respond({ status: 200, afterMs: 2_000 });
    await slow.publish(25);
    await sender.advance("6s");
    expect(slow.sent()).toBe(80 + 4 * PLACES);
    await sender.stop();
  });
});
