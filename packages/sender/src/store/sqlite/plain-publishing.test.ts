import { createTemporaryFolder } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Preferences } from "../../core/preferences.ts";
import type { NewEvent, Store } from "../../store.ts";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { createSqliteStore } from "../sqlite.ts";
import { createPlainPublishing, type PublishPlainly } from "./plain-publishing.ts";

const isOwn = ({ versions }: Preferences) => versions["invoice.paid"] === undefined;
const own = (id: string, { id: endpoint }: { readonly id: string }) => [id, endpoint, `{"id":"${id}"}`];

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
});
