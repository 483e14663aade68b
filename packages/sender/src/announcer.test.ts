import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contracts as real } from "@hooks/contracts/producer";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContractInfo, Contracts } from "./contracts.ts";
import type { Sender } from "./sender.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { DELIVERED, playSender } from "./test-support/played-sender.ts";

const TYPE = "contract.deprecated";
const deprecation = {
  effective: "2026-06-01T00:00:00Z",
  removal: "2027-06-01T00:00:00Z",
  alternative: "2.0.0",
  documentation: "https://docs.example.com/events",
};

/** The real contracts with a deprecated version 1.1.0 of `invoice.paid`. */
function deprecating(said: object = deprecation): Contracts {
  const info = real.eventTypes["invoice.paid"]!;
  const older = {
    ...(info.olderSchemas?.["1.1.0"] as object),
    "x-lifecycle": "deprecated",
    "x-deprecation": said,
  };
  const changed: ContractInfo = { ...info, olderSchemas: { ...info.olderSchemas, "1.1.0": older } };
  return { ...real, eventTypes: { ...real.eventTypes, "invoice.paid": changed } };
}

let folder: string;
const senders: Sender[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-announcer-"));
});
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.stop({ timeoutMs: 1_000 }).catch(() => {});
  await rm(folder, { recursive: true });
});

function open(contracts: Contracts) {
  const store = createSqliteStore({ path: join(folder, "sender.db") });
  const played = playSender({ store, contracts, answer: () => DELIVERED });
  senders.push(played.sender);
  return played;
}

const addSubscriber = async (sender: Sender) => (await sender.subscribers.create({ name: "test" })).id;
const addEndpoint = async (sender: Sender, subscriber: string, input: object = {}) =>
  (await sender.endpoints.create({ subscriber, url: "https://example.com", ...input })).id;
const announced = (sender: Sender) => sender.events.list({ limit: 99, type: TYPE });

describe("contract.deprecated", () => {
  it("goes once to each subscriber that receives the version, whatever restarts and other processes", async () => {
    const first = open(real);
    const [concerned, other, modern] = [
      await addSubscriber(first.sender),
      await addSubscriber(first.sender),
      await addSubscriber(first.sender),
    ];
    const pinned = { versions: { "invoice.paid": "1" } };
    const listening = await addEndpoint(first.sender, concerned!, pinned);
    await addEndpoint(first.sender, concerned!, { ...pinned, eventTypes: ["invoice.*"] });
    await addEndpoint(first.sender, other!, { ...pinned, eventTypes: ["order.*", "contract.*"] });
    await addEndpoint(first.sender, modern!);
    await first.sender.stop();

    const contracts = deprecating();
    const together = [open(contracts), open(contracts), open(contracts)];
    await Promise.all(together.map(({ sender }) => sender.start()));
    const sent = () => together.flatMap((one) => one.sent);
    await until(() => sent().length === 1);
    await Promise.all(together.map(({ sender }) => sender.stop()));
    const last = open(contracts);
    await last.sender.start();
    // What is published after the announcements of this start would be found beside them.
    await last.sender.publish({ type: TYPE, data: real.eventTypes[TYPE]!.examples[0], id: "evt_mark" });
    await until(() => last.sent.length > 0);

    expect((await announced(last.sender)).filter(({ id }) => id !== "evt_mark")).toMatchObject([
      { subscriber: concerned },
    ]);
    expect(sent().map(({ endpoint }) => endpoint.id)).toEqual([listening]);
    expect(JSON.parse(Buffer.from(sent()[0]!.event.body).toString()).data.object).toEqual({
      event_type: "invoice.paid",
      version: "1.1.0",
      effective: "2026-06-01T00:00:00.000Z",
      removal: "2027-06-01T00:00:00.000Z",
      alternative: "2.0.0",
      documentation: "https://docs.example.com/events",
    });
    const reports = [...together, last].flatMap((one) => one.reports);
    expect(reports.filter(({ kind }) => kind === "fault")).toEqual([]);
  });

  it("is not published again when only its words change, and is when it begins at another time", async () => {
    const first = open(deprecating());
    await addEndpoint(first.sender, await addSubscriber(first.sender), { versions: { "invoice.paid": "1" } });
    await first.sender.start();
    await until(async () => (await announced(first.sender)).length === 1);
    await first.sender.stop();
    const reworded = open(deprecating({ ...deprecation, documentation: "https://docs.example.com/other" }));
    const moved = open(deprecating({ ...deprecation, effective: "2026-07-01T00:00:00Z" }));
    await reworded.sender.start();
    await moved.sender.start();
    await until(async () => (await announced(moved.sender)).length === 2);
    expect([...reworded.reports, ...moved.reports].filter(({ kind }) => kind === "fault")).toEqual([]);
  });

  it("leaves contracts alone that have no such type", async () => {
    const { [TYPE]: _, ...eventTypes } = deprecating().eventTypes;
    const { sender, sent } = open({ ...deprecating(), eventTypes });
    await addEndpoint(sender, await addSubscriber(sender), { versions: { "invoice.paid": "1" } });
    await sender.start();
    const [data] = eventTypes["invoice.paid"]!.examples;
    await sender.publish({ type: "invoice.paid", data });
    await until(() => sent.length === 1);
    expect(sent[0]!.event.type).toBe("invoice.paid");
  });
});

describe("deliveries of a deprecated version", () => {
  it("carry its notice, and those of other versions do not", async () => {
    const { sender, sent } = open(deprecating());
    const subscriber = await addSubscriber(sender);
    const eventTypes = ["invoice.paid"];
    const old = await addEndpoint(sender, subscriber, { eventTypes, versions: { "invoice.paid": "1" } });
    await addEndpoint(sender, subscriber, { eventTypes });
    await sender.start();
    await sender.publish({ type: "invoice.paid", data: real.eventTypes["invoice.paid"]!.examples[0] });
    await until(() => sent.length === 2);
    for (const { endpoint, headers } of sent)
      expect(headers?.["deprecation"]).toBe(endpoint.id === old ? "@1780272000" : undefined);
  });
});
