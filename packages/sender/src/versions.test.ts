import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contracts as real } from "@hooks/contracts/producer";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { majorOf, majorsOf, newestOf } from "./core/versions.ts";
import type { Contracts } from "./contracts.ts";
import type { Sender } from "./sender.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { contractsOf, type TypeForTest } from "./test-support/contracts.ts";
import { type Answer, DELIVERED, FAILED, playSender } from "./test-support/played-sender.ts";

const data = { object: { id: "a_1" } };

let folder: string;
const senders: Sender[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-versions-"));
});
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.stop({ timeoutMs: 100 }).catch(() => {});
  await rm(folder, { recursive: true });
});

/** Long enough that something is left to try after a restart. */
const schedule = [0, ...Array<number>(100).fill(40)];

/** A sender on this test's database, as a release with these contracts would open it. */
function open(contracts: Contracts, answer: Answer = () => DELIVERED) {
  const store = createSqliteStore({ path: join(folder, "sender.db") });
  const played = playSender({ store, contracts, answer, schedule });
  senders.push(played.sender);
  return played;
}

const openTypes = (types: Readonly<Record<string, TypeForTest>>) => open(contractsOf(types)).sender;

async function addEndpoint(sender: Sender, input: object = {}) {
  const [known] = await sender.subscribers.list({ limit: 1 });
  const { id: subscriber } = known ?? (await sender.subscribers.create({ name: "test" }));
  return sender.endpoints.create({ subscriber, url: "https://example.com", ...input });
}

const one = { versions: { "1.0.0": {} } };
const two = { versions: { "1.0.0": {}, "2.0.0": {} } };

/** What two releases make of the same event. */
const makeFirst = () => ({ object: { id: "a_1", made: "by the first release" } });
const makeSecond = () => ({ object: { id: "a_1", made: "by the second release" } });

describe("pins", () => {
  it("are the newest majors of the day that an endpoint is made, and stay", async () => {
    const before = openTypes({ "a.b": one });
    const old = await addEndpoint(before);
    expect(old.versions).toEqual({ "a.b": "1" });
    await before.stop();
    const after = openTypes({ "a.b": two });
    const young = await addEndpoint(after);
    expect(young.versions).toEqual({ "a.b": "2" });
    expect((await after.endpoints.get(old.id)).versions).toEqual({ "a.b": "1" });
    await after.stop();
    const rolledBack = openTypes({ "a.b": two });
    expect((await rolledBack.endpoints.list({ limit: 9 })).map(({ versions }) => versions)).toEqual([
      { "a.b": "1" },
      { "a.b": "2" },
    ]);
  });

  it("of a type that is added later are its newest major of then, and stay", async () => {
    const first = openTypes({ "a.b": one });
    const { id } = await addEndpoint(first);
    await first.stop();
    const second = openTypes({ "a.b": one, "c.d": two });
    expect((await second.endpoints.get(id)).versions).toEqual({ "a.b": "1", "c.d": "2" });
    await second.stop();
    const third = openTypes({ "a.b": one, "c.d": { versions: { ...two.versions, "3.0.0": {} } } });
    expect((await third.endpoints.get(id)).versions).toEqual({ "a.b": "1", "c.d": "2" });
  });

  it("are raised one by one, and shown for the types that the endpoint takes", async () => {
    const sender = openTypes({ "a.b": two, "a.c": two, "x.y": two });
    const { id, revision } = await addEndpoint(sender, {
      eventTypes: ["a.*"],
      versions: { "a.b": "1", "a.c": "1" },
    });
    const raised = await sender.endpoints.update(id, { versions: { "a.b": "2" } }, revision);
    expect(raised.versions).toEqual({ "a.b": "2", "a.c": "1" });
    await expect(sender.endpoints.update(id, { versions: { "a.c": "2" } }, revision)).rejects.toMatchObject({
      code: "version_conflict",
    });
    const paused = await sender.endpoints.setState(id, "paused");
    expect(paused.versions).toEqual(raised.versions);
    const wider = await sender.endpoints.update(id, { eventTypes: [] });
    expect(wider.versions).toEqual({ "a.b": "2", "a.c": "1", "x.y": "2" });
  });

  it.each([
    [{ versions: { "no.such": "1" } }, "unknown_event_type", "/versions/no.such"],
    [{ versions: { "a.b": "3" } }, "unknown_version", "/versions/a.b"],
    [{ versions: { "a.b": "1.0.0" } }, "unknown_version", "/versions/a.b"],
    [{ versions: { constructor: "1" } }, "unknown_event_type", "/versions/constructor"],
    [{ featureFlags: ["Not a flag"] }, "validation_failed", "/featureFlags/0"],
    [{ featureFlags: ["a", "a"] }, "validation_failed", "/featureFlags/1"],
  ])("refuses %j", async (input, code, pointer) => {
    const sender = openTypes({ "a.b": two });
    await expect(addEndpoint(sender, input)).rejects.toMatchObject({ code, issues: [{ pointer }] });
  });

  it("pass over a major that is kept behind a flag, unless the endpoint has it", async () => {
    const sender = openTypes({
      "a.b": { versions: { "1.0.0": {}, "2.0.0": { "x-feature-flag": ["next"] } } },
    });
    expect((await addEndpoint(sender)).versions).toEqual({ "a.b": "1" });
    expect((await addEndpoint(sender, { featureFlags: ["next"] })).versions).toEqual({ "a.b": "2" });
  });
});

describe("deliveries", () => {
  it("have one version in header and body, the pinned one, for every event and every pin", async () => {
    const { sender, sent } = open(real);
    const types = Object.values(real.eventTypes);
    const pins = types.flatMap(({ type, versions }) => majorsOf(versions).map((major) => ({ type, major })));
    const wanted = new Map<string, { readonly type: string; readonly major: string }>();
    for (const pin of pins) {
      const input = { eventTypes: [pin.type], versions: { [pin.type]: pin.major } };
      wanted.set((await addEndpoint(sender, input)).id, pin);
    }
    const events = types.flatMap(({ type, examples }) =>
      examples.map((example) => ({ type, data: example })),
    );
    await sender.start();
    const published = await sender.publishBatch(events);
    const deliveries = published.reduce((sum, one) => sum + one.deliveries, 0);
    expect(deliveries).toBeGreaterThan(pins.length);
    await until(() => sent.length === deliveries);
    for (const { endpoint, event } of sent) {
      const { type, major } = wanted.get(endpoint.id)!;
      const body = JSON.parse(Buffer.from(event.body).toString());
      expect([body.type, body.version, majorOf(body.version)]).toEqual([type, event.version, major]);
      expect(body.version).toBe(newestOf(real.eventTypes[type]!.versions, major));
      expect(real.validateEvent({ type, version: body.version, data: body.data })).toEqual({
        ok: true,
        version: body.version,
      });
    }
  });

  it("send the same bytes on every attempt, also after a restart with newer contracts and another pin", async () => {
    const first = open(contractsOf({ "a.b": { ...two, migrate: makeFirst } }), () => FAILED);
    const { id } = await addEndpoint(first.sender, { versions: { "a.b": "1" } });
    await first.sender.publish({ type: "a.b", data });
    await first.sender.start();
    await until(() => first.sent.length > 0);
    await first.sender.stop();
    const versions = { "1.0.0": {}, "1.1.0": {}, "2.0.0": {}, "2.1.0": {} };
    const second = open(contractsOf({ "a.b": { versions, migrate: makeSecond } }));
    await second.sender.endpoints.update(id, { versions: { "a.b": "2" } });
    await second.sender.start();
    await until(() => second.sent.length > 0);
    const [before] = first.sent;
    const [after] = second.sent;
    expect(after!.event.version).toBe("1.0.0");
    expect(Buffer.from(after!.event.body).equals(before!.event.body)).toBe(true);
    expect(Buffer.from(after!.event.body).toString()).toContain("by the first release");
  });

  it("of a failed migration are dead at once, told, and revived when there is a way", async () => {
    const broken = contractsOf({
      "a.b": {
        ...two,
        migrate: () => {
          throw new Error("no way");
        },
      },
    });
    const { sender, sent, reports } = open(broken);
    const pinned = await addEndpoint(sender, { versions: { "a.b": "1" } });
    const other = await addEndpoint(sender);
    await sender.start();
    const { id: event } = await sender.publish({ type: "a.b", data });
    await until(() => sent.length === 1);
    expect(sent[0]!.endpoint.id).toBe(other.id);
    const [dead] = await sender.deliveries.list({ limit: 9, state: "dead" });
    expect(dead).toMatchObject({ endpoint: pinned.id, reason: "migration_failed", attempts: 0 });
    expect(reports).toContainEqual({
      kind: "unrendered",
      event,
      eventType: "a.b",
      endpoint: pinned.id,
      reason: "migration_failed",
      error: new Error("no way"),
    });
    await expect(sender.deliveries.retry(dead!.id)).rejects.toMatchObject({ code: "not_renderable" });
    await sender.stop();

    const mended = open(contractsOf({ "a.b": two }));
    await mended.sender.start();
    expect(await mended.sender.deliveries.retry(dead!.id)).toMatchObject({ version: "1.0.0" });
    await until(() => mended.sent.length === 1);
    expect(JSON.parse(Buffer.from(mended.sent[0]!.event.body).toString())).toMatchObject({
      id: event,
      version: "1.0.0",
      data,
    });
  });

  it("of a dead migration go out as they were published once the endpoint is raised", async () => {
    const { sender, sent } = open(contractsOf({ "a.b": { ...two, migrate: () => ({}) } }));
    const { id } = await addEndpoint(sender, { versions: { "a.b": "1" } });
    await sender.start();
    await sender.publish({ type: "a.b", data });
    const [dead] = await sender.deliveries.list({ limit: 9, state: "dead" });
    expect(dead).toMatchObject({ reason: "rendition_invalid" });
    await sender.endpoints.update(id, { versions: { "a.b": "2" } });
    await sender.deliveries.retry(dead!.id);
    await until(() => sent.length === 1);
    expect(sent[0]!.event.version).toBe("2.0.0");
  });

  it("are made for who has the event's feature flag, and have the members of those it has", async () => {
    const lines = { properties: { object: { properties: { lines: { "x-feature-flag": ["beta-lines"] } } } } };
    const { sender, sent } = open(
      contractsOf({
        "a.b": { versions: { "1.0.0": { "x-feature-flag": ["beta"] } } },
        "c.d": { versions: { "1.0.0": lines } },
      }),
    );
    const plain = await addEndpoint(sender);
    const flagged = await addEndpoint(sender, { featureFlags: ["beta", "beta-lines"] });
    await sender.start();
    expect(await sender.publish({ type: "a.b", data })).toMatchObject({ deliveries: 1 });
    const whole = { object: { id: "a_1", lines: [1] } };
    expect(await sender.publish({ type: "c.d", data: whole })).toMatchObject({ deliveries: 2 });
    await until(() => sent.length === 3);
    const dataOf = (endpoint: string) =>
      sent
        .filter((request) => request.endpoint.id === endpoint)
        .map(({ event }) => JSON.parse(Buffer.from(event.body).toString()).data);
    expect(dataOf(plain.id)).toEqual([data]);
    expect(dataOf(flagged.id)).toEqual([data, whole]);
    expect(await sender.endpoints.update(plain.id, { featureFlags: ["beta"] })).toMatchObject({
      featureFlags: ["beta"],
    });
    expect(await sender.publish({ type: "a.b", data })).toMatchObject({ deliveries: 2 });
  });
});
