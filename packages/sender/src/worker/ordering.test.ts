import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sender } from "../sender.ts";
import type { Store } from "../store.ts";
import { createPostgresStore } from "../store/postgres.ts";
import { createSqliteStore } from "../store/sqlite.ts";
import { DELIVERED, FAILED, playSender } from "../test-support/played-sender.ts";
import type { SendRequest } from "../transport.ts";

const SUBJECTS = Array.from({ length: 20 }, (_, index) => `s${index}`);
const ROUNDS = 6;
/** Its first event is never taken, so that the others of it must not be tried. */
const BLOCKED = "s7";

interface Made {
  readonly key: string;
  readonly subject: string;
  readonly round: number;
  readonly isDelivered: boolean;
}

/** What was attempted of each key, and whether two of a key were ever under way at once. */
function createWitness() {
  const made: Made[] = [];
  const underWay = new Set<string>();
  const overlaps: string[] = [];
  const failed = new Set<string>();
  const answer = async ({ endpoint, event }: SendRequest) => {
    const { subject, data } = JSON.parse(Buffer.from(event.body).toString());
    const { round, number } = data as { readonly round: number; readonly number: number };
    const isOrderedWhole = endpoint.ordering === "endpoint";
    const key = `${endpoint.url} ${isOrderedWhole ? "" : subject}`;
    if (underWay.has(key)) overlaps.push(key);
    underWay.add(key);
    await new Promise((resolve) => setTimeout(resolve, number % 3));
    underWay.delete(key);
    const isBlocked = subject === BLOCKED && round === 0 && !isOrderedWhole;
    const isFirstFailure = number % 7 === 0 && !failed.has(`${key} ${number}`);
    const isDelivered = !isBlocked && !isFirstFailure;
    if (!isDelivered) failed.add(`${key} ${number}`);
    made.push({ key, subject, round, isDelivered });
    return isDelivered ? DELIVERED : FAILED;
  };
  return { made, overlaps, answer };
}

/** Three workers, of which one comes late and one leaves early. */
async function prove(openStore: () => Store): Promise<void> {
  const { made, overlaps, answer } = createWitness();
  const senders: Sender[] = [];
  const open = () => {
    const { sender } = playSender({ store: openStore(), answer, schedule: [0, 1, 3_600_000] });
    senders.push(sender);
    return sender;
  };
  const first = open();
  const { id: subscriber } = await first.subscribers.create({ name: "test" });
  for (const ordering of ["subject", "endpoint"] as const)
    await first.endpoints.create({ subscriber, url: `https://example.com/${ordering}`, ordering });
  await first.start();
  await open().start();
  let number = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all(
      SUBJECTS.map((subject) =>
        senders[number % senders.length]!.publish({
          type: "invoice.paid",
          subject,
          data: { round, number: (number += 1) },
        }),
      ),
    );
    if (round === 2) await open().start();
    if (round === 5) await senders.splice(1, 1)[0]!.stop();
  }
  const isDone = async () => {
    const scheduled = await first.deliveries.list({ limit: 1_000, state: "scheduled" });
    return scheduled.length <= ROUNDS;
  };
  await until(isDone, { timeoutMs: 60_000, what: "everything but the blocked subject" });
  const delivered = made.filter(({ isDelivered }) => isDelivered);
  expect(overlaps).toEqual([]);
  expect(delivered).toHaveLength(SUBJECTS.length * ROUNDS * 2 - ROUNDS);
  for (const key of new Set(made.map((one) => one.key))) {
    const ofKey = made.filter((one) => one.key === key);
    // One after another: nothing comes again after another of its key, and none before those published earlier.
    const turns = ofKey.filter((one, index) => !isSame(one, ofKey[index - 1]));
    expect(turns).toHaveLength(new Set(turns.map(({ subject, round }) => `${subject} ${round}`)).size);
    expect(ofKey.map(({ round }) => round)).toEqual(ofKey.map(({ round }) => round).toSorted());
  }
  const blocked = made.filter(({ key }) => key.endsWith(`subject ${BLOCKED}`));
  expect(blocked.map(({ round, isDelivered }) => [round, isDelivered])).toEqual([
    [0, false],
    [0, false],
  ]);
  for (const sender of senders) await sender.stop({ timeoutMs: 500 });
}

function isSame(one: Made, other: Made | undefined): boolean {
  return one.subject === other?.subject && one.round === other.round;
}

describe("ordering", () => {
  it("holds for every key, whatever fails and whoever sends, and blocks no other key (SQLite)", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hooks-ordering-"));
    await prove(() => createSqliteStore({ path: join(folder, "sender.db") }));
    await rm(folder, { recursive: true });
  });
});

describeWithServer("postgres", "ordering in PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
  });
  afterAll(() => server.stop());

  it("holds for every key, whatever fails and whoever sends, and blocks no other key", async () => {
    await prove(() => createPostgresStore({ url: server.url, timeoutMs: 60_000 }));
  });
});
