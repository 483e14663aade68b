import { createTemporaryFolder } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Preferences } from "../../core/preferences.ts";
import type { NewEvent, Store, Taker } from "../../store.ts";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { createSqliteStore } from "../sqlite.ts";
import { createPlainPublishing, type PublishPlainly } from "./plain-publishing.ts";

const isOwn = ({ versions }: Preferences) => versions["invoice.paid"] === undefined;
const own = (id: string, { id: endpoint }: { readonly id: string }) => [id, endpoint, `{"id":"${id}"}`];

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `ep_${index}`);
const keepForNobody: PublishPlainly = async () => ({ kind: "done", results: [[]] });

/** What became of a second event like one that so many endpoints got, by what the taker says. */
const publishTwice = async (count: number, second: PublishPlainly) => {
  const { eventOf } = createBundle(() => {
    throw new Error("No store is needed");
  });
  const said: string[] = [];
  const taker: Taker = {
    worker: "w1",
    offer(endpoint) {
      said.push(`offers ${endpoint}`);
      return { endpoint, shard: 1, epoch: 1, room: 1, inFlight: new Set() };
    },
    taken: (from, batch) =>
      void said.push(`${from.length} answered: ${batch?.deliveries.map(({ id }) => id) ?? "unknown"}`),
  };
  let calls = 0;
  const publish = createPlainPublishing(
    (request) => {
      calls += 1;
      return calls === 1 ? Promise.resolve({ kind: "done", results: [namesOf(count)] }) : second(request);
    },
    async () => [],
    () => taker,
  );
  await publish([eventOf({ id: "e1" })], T0);
  const results = await publish([eventOf({ id: "e2" })], T0).catch((error: unknown) => error);
  return { said, results };
};

describe("createPlainPublishing", () => {
  let store: Store;
  const folder = createTemporaryFolder("hooks-plain-publishing");
  const bundle = createBundle(() => store);
  beforeEach(() => {
    store = createSqliteStore({ path: `${folder.path}/${crypto.randomUUID()}.db` });
  });
  afterEach(() => store.close());

  it("sends every endpoint what it wants, whoever else the thread was told of before", async () => {
    const older = { versions: { "invoice.paid": "1" } };
    const asked: Preferences[] = [];
    const render: NewEvent["render"] = (preferences) => {
      asked.push(preferences);
      const version = preferences.versions["invoice.paid"];
      if (version === undefined) return { kind: "own" };
      const envelope = { before: `{"old":${version}`, after: "}" };
      return { kind: "other", key: version, version: `${version}.0.0`, envelope };
    };
    const eventOf = (change: Partial<NewEvent> = {}) => ({
      ...bundle.eventOf(change),
      render: Object.assign(render, { isOwn }),
    });
    const plain = await bundle.addEndpoint();
    const flagged = await bundle.addEndpoint({ featureFlags: ["beta"] });
    await store.publish([eventOf({ id: "e1" })], T0);
    // Both get it as it was published, so nothing was made.
    expect(asked).toEqual([]);
    const pinned = await bundle.addEndpoint(older);
    await store.publish([eventOf({ id: "e2" }), eventOf({ id: "e3", type: "invoice.void" })], T0);
    expect(asked).toContainEqual(expect.objectContaining(older));
    await store.publish([eventOf({ id: "e4", subscriber: plain.subscriber })], T0);

    const lease = await bundle.lease("w1");
    const { deliveries } = await bundle.take("w1", lease.owned);
    const sent = deliveries.map(({ endpoint, event }) => [
      event.id,
      endpoint,
      Buffer.from(event.body).toString(),
    ]);
    const old = (id: string) => [id, pinned.id, '{"old":1}'];
    expect(sent.toSorted()).toEqual(
      [
        own("e1", plain),
        own("e1", flagged),
        own("e2", plain),
        own("e2", flagged),
        old("e2"),
        own("e3", plain),
        own("e3", flagged),
        old("e3"),
        own("e4", plain),
      ].toSorted(),
    );
  });

  it.each([
    ["at once", 40],
    ["one after another", 20],
  ])("publishes here whatever has more preferences than it tells of, %s", async (_, each) => {
    const texts = (prefix: string) =>
      Array.from({ length: each }, (__, index) => JSON.stringify({ featureFlags: [`${prefix}${index}`] }));
    const elsewhere: PublishPlainly = async ({ events: { common, lists } }) => {
      const ownFor = common.ownFor ?? lists.ownFor?.[0] ?? [];
      const missing = [texts("a"), texts("b")].map((some) => some.filter((text) => !ownFor.includes(text)));
      const preferences = missing.find((some) => some.length > 0);
      return preferences === undefined
        ? { kind: "done", results: [[]] }
        : { kind: "unrendered", preferences };
    };
    const here: string[] = [];
    const publish = createPlainPublishing(elsewhere, async (events) => {
      here.push(...events.map(({ id }) => id));
      return [];
    });
    await publish([bundle.eventOf({ id: "e1" })], T0);
    expect(here).toEqual(["e1"]);
  });

  it("publishes elsewhere what was under way when a preference was learned of", async () => {
    const wanted = JSON.stringify({ featureFlags: ["beta"] });
    const elsewhere: PublishPlainly = async ({ events: { common } }) =>
      common.ownFor?.includes(wanted) === true
        ? { kind: "done", results: [[]] }
        : { kind: "unrendered", preferences: [wanted] };
    const here: string[] = [];
    const publish = createPlainPublishing(elsewhere, async (events) => {
      here.push(...events.map(({ id }) => id));
      return [];
    });
    await Promise.all(["e1", "e2", "e3"].map((id) => publish([bundle.eventOf({ id })], T0)));
    expect(here).toEqual([]);
  });

  describe("with a taker", () => {
    it("offers what the last event like it went to, and tells of the rest", async () => {
      const taken = { id: "dlv_1", event: "e2", endpoint: "ep_0", subscriber: "sub_1", sequence: undefined };
      const { said, results } = await publishTwice(2, async ({ offers }) => {
        expect(offers?.of.map(({ endpoint }) => endpoint)).toEqual(namesOf(2));
        return { kind: "done", results: [namesOf(2)], along: { batch: 7, deliveries: [taken] } };
      });
      expect(said).toEqual(["offers ep_0", "offers ep_1", "2 answered: dlv_1"]);
      expect(results).toMatchObject([{ id: "e2", deliveries: 2, endpoints: ["ep_1"] }]);
    });

    it("offers nothing where there are many", async () => {
      expect((await publishTwice(33, keepForNobody)).said).toEqual([]);
      expect((await publishTwice(32, keepForNobody)).said).toHaveLength(33);
    });

    it("says what it knows of what was offered where nothing was kept, and where that is not known", async () => {
      const unrendered = await publishTwice(1, async () => ({ kind: "unrendered", preferences: [] }));
      expect(unrendered.said).toEqual(["offers ep_0", "1 answered: "]);
      const failed = await publishTwice(1, () => Promise.reject(new Error("gone")));
      expect(failed.said).toEqual(["offers ep_0", "1 answered: unknown"]);
      expect(failed.results).toEqual(new Error("gone"));
    });
  });
});
