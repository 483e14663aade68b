import { describe, expect, it } from "vitest";
import type { Preferences } from "../../core/preferences.ts";
import type { Rendition } from "../../render.ts";
import type { Death } from "../../store.ts";
import { type Bundle, T0, LEASE_MS } from "./bundle.ts";

/** Another version of an event, its body naming the version. */
function renditionOf(version: string, key = version): Rendition {
  return { kind: "other", key, version, envelope: { before: `{"version":"${version}"`, after: "}" } };
}

/** Gives version 1 to endpoints that are pinned to it, and nothing to those of the feature flag `hidden`. */
function render({ versions, featureFlags }: Preferences): Rendition {
  if (featureFlags.includes("hidden")) return { kind: "withheld" };
  if (versions["invoice.paid"] === "9")
    return { kind: "failed", reason: "version_unavailable", error: new Error("no 9") };
  return versions["invoice.paid"] === "1" ? renditionOf("1.1.0") : { kind: "own" };
}

const isOwn = (preferences: Preferences) => render(preferences).kind === "own";

/** The same version, otherwise for endpoints with feature flags. */
function keyed({ featureFlags }: Preferences): Rendition {
  return renditionOf(featureFlags.length === 0 ? "1.0.0" : "1.0.1", `1.0.0+${featureFlags.join("+")}`);
}

const textOf = (body: Uint8Array) => Buffer.from(body).toString();

/** Everything that is due, by endpoint, as it would be sent. */
async function dueOf(bundle: Bundle, nowMs = T0, worker = "w1") {
  const { owned } = await bundle.lease(worker, nowMs);
  const batch = await bundle.take(worker, owned, { nowMs });
  return { ...batch, sent: new Map(batch.deliveries.map(({ endpoint, event }) => [endpoint, event])) };
}

export function describeRenditions(bundle: Bundle): void {
  describe("renditions", () => {
    it("gives every endpoint what it wants, and asks once for those that want the same", async () => {
      const asked: Preferences[] = [];
      const own = await bundle.addEndpoint();
      const pinned = [
        await bundle.addEndpoint({ versions: { "invoice.paid": "1" } }),
        await bundle.addEndpoint({ versions: { "invoice.paid": "1" } }),
      ];
      const counted = (preferences: Preferences) => {
        asked.push(preferences);
        return render(preferences);
      };
      const event = bundle.eventOf({
        version: "2.0.0",
        subject: "inv_1",
        render: Object.assign(counted, { isOwn }),
      });
      await bundle.store.publish([event], T0);
      const { sent } = await dueOf(bundle);
      expect(sent.get(own.id)).toMatchObject({ version: "2.0.0" });
      for (const { id } of pinned) {
        expect(sent.get(id)).toMatchObject({ id: event.id, version: "1.1.0" });
        expect(textOf(sent.get(id)!.body)).toBe('{"version":"1.1.0","sequence":1}');
      }
      expect(asked.toSorted((one) => Object.keys(one.versions).length)).toEqual([
        { versions: {}, featureFlags: [] },
        { versions: { "invoice.paid": "1" }, featureFlags: [] },
      ]);
    });

    it("asks for an endpoint that is named by the event as for any other", async () => {
      const { id } = await bundle.addEndpoint({ versions: { "invoice.paid": "1" } });
      await bundle.store.publish([bundle.eventOf({ endpoint: id, render })], T0);
      expect((await dueOf(bundle)).sent.get(id)).toMatchObject({ version: "1.1.0" });
    });

    it("makes no delivery for an endpoint that the event is withheld from", async () => {
      await bundle.addEndpoint({ featureFlags: ["hidden"] });
      const { id } = await bundle.addEndpoint();
      const [result] = await bundle.store.publish([bundle.eventOf({ render })], T0);
      expect(result).toMatchObject({ deliveries: 1, endpoints: [id], unrendered: [] });
      expect(await bundle.store.listDeliveries({ limit: 9 })).toMatchObject([{ endpoint: id }]);
    });

    it("gives a dead delivery to an endpoint that the event cannot be rendered for, and to it alone", async () => {
      const broken = await bundle.addEndpoint({ versions: { "invoice.paid": "9" } });
      const { id } = await bundle.addEndpoint();
      const event = bundle.eventOf({ render });
      const [result] = await bundle.store.publish([event], T0);
      expect(result).toMatchObject({
        deliveries: 2,
        endpoints: [id],
        unrendered: [{ endpoint: broken.id, reason: "version_unavailable" }],
      });
      const [dead, ...others] = await bundle.store.listDeliveries({ limit: 9, state: "dead" });
      expect(others).toEqual([]);
      expect(dead).toMatchObject({ endpoint: broken.id, attempts: 0, reason: "version_unavailable" });
      expect(dead).not.toHaveProperty("version");
      expect(await bundle.store.listAttempts(dead!.id)).toEqual([]);
      expect([...(await dueOf(bundle)).sent.keys()]).toEqual([id]);
      expect(await bundle.store.publish([event], T0)).toMatchObject([{ duplicate: true, deliveries: 2 }]);
    });

    it("tells of a delivery that an event cannot be rendered for, together with the event", async () => {
      const endpoint = await bundle.addEndpoint({ url: "https://example.com/dead" });
      const other = await bundle.addEndpoint({ versions: { "invoice.paid": "1" } });
      const told: Death[] = [];
      const event = bundle.eventOf({
        id: "e1",
        render: ({ versions }) =>
          versions["invoice.paid"] === "1"
            ? { kind: "own" }
            : { kind: "failed", reason: "version_unavailable", error: undefined },
        announceDeath: (death) => {
          told.push(death);
          return { id: "evt_told", type: "delivery.dead", subscriber: endpoint.subscriber, data: {} };
        },
      });
      await bundle.store.publish([event], T0);
      await bundle.store.publish([event], T0);
      const [dead] = await bundle.store.listDeadLetters({ limit: 9 });
      const { id, subscriber, url } = endpoint;
      expect(told).toMatchObject([
        {
          delivery: { id: dead!.id, event: "e1", eventType: "invoice.paid" },
          reason: "version_unavailable",
          endpoint: { id, subscriber, url },
          nowMs: T0,
        },
      ]);
      expect(told[0]).not.toHaveProperty("attempt");
      expect(await bundle.store.listSubmitted(9)).toMatchObject([{ event: "evt_told", subscriber }]);
      const refused = bundle.eventOf({ ...event, digest: "other" });
      await bundle.store.publish([bundle.eventOf({ ...event, id: "e2" }), refused], T0);
      expect(await bundle.store.listSubmitted(9)).toHaveLength(1);
      expect(await bundle.store.listDeliveries({ limit: 9, endpoint: other.id })).toHaveLength(1);
    });

    it("revives a delivery that could not be rendered only with what it is to send now", async () => {
      const { id: endpoint } = await bundle.addEndpoint({ versions: { "invoice.paid": "9" } });
      await bundle.store.publish([bundle.eventOf({ render }), bundle.eventOf({ render })], T0);
      const [other, own] = await bundle.store.listDeliveries({ limit: 9, state: "dead" });
      expect(await bundle.store.retryDelivery(own!.id, T0)).toBeUndefined();
      const body = new TextEncoder().encode('{"made":"later"}');
      const rendered = { kind: "other", key: "3.0.0", version: "3.0.0", body } as const;
      expect(await bundle.store.retryDelivery(other!.id, T0, rendered)).toMatchObject({ version: "3.0.0" });
      expect(await bundle.store.retryDelivery(own!.id, T0, { kind: "own" })).toMatchObject({
        version: "1.0.0",
        state: "scheduled",
      });
      const { deliveries } = await dueOf(bundle);
      expect(deliveries.map(({ endpoint: to, event }) => [to, event.version, textOf(event.body)])).toEqual([
        [endpoint, "1.0.0", JSON.stringify({ id: own!.event })],
        [endpoint, "3.0.0", '{"made":"later"}'],
      ]);
    });

    it("sends the same bytes on every attempt, whatever the endpoint wants meanwhile, also after a crash and a revival", async () => {
      const endpoint = await bundle.addEndpoint({ versions: { "invoice.paid": "1" } });
      await bundle.store.publish([bundle.eventOf({ render })], T0);
      await bundle.store.changeEndpoint({ ...endpoint, versions: {}, featureFlags: ["hidden"], revision: 2 });
      const first = await dueOf(bundle);
      const [delivery] = first.deliveries;
      await bundle.settle(first.deliveries, { state: "scheduled", dueMs: T0 + 1 });
      const crashed = await dueOf(bundle, T0 + 1);
      const heir = await dueOf(bundle, T0 + 1 + LEASE_MS, "w2");
      await bundle.settle(heir.deliveries, { state: "dead", reason: "schedule_exhausted" });
      expect(await bundle.store.getDelivery(delivery!.id)).toMatchObject({ state: "dead", version: "1.1.0" });
      await bundle.store.retryDelivery(delivery!.id, T0 + 1 + LEASE_MS);
      const revived = await dueOf(bundle, T0 + 1 + LEASE_MS, "w2");
      for (const { deliveries } of [first, crashed, heir, revived])
        expect(deliveries.map(({ event }) => [event.version, textOf(event.body)])).toEqual([
          ["1.1.0", '{"version":"1.1.0"}'],
        ]);
      await bundle.settle(revived.deliveries, { state: "delivered" });
      expect(await bundle.store.getDelivery(delivery!.id)).toMatchObject({ version: "1.1.0" });
    });

    it("says of every delivery which version it sends, also of one that was cancelled or lost its endpoint", async () => {
      const pinned = await bundle.addEndpoint({ versions: { "invoice.paid": "1" } });
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf({ render }), bundle.eventOf({ render })], T0);
      const versions = async () =>
        (await bundle.store.listDeliveries({ limit: 9 })).map(({ version }) => version).toSorted();
      expect(await versions()).toEqual(["1.0.0", "1.0.0", "1.1.0", "1.1.0"]);
      const [one] = await bundle.store.listDeliveries({ limit: 1, endpoint: pinned.id });
      expect(await bundle.store.cancelDelivery(one!.id, T0)).toMatchObject({ version: "1.1.0" });
      await bundle.store.removeEndpoint(pinned.id, T0);
      expect(await versions()).toEqual(["1.0.0", "1.0.0", "1.1.0", "1.1.0"]);
    });

    it("keeps two renditions of one version apart", async () => {
      const plain = await bundle.addEndpoint({ versions: { "invoice.paid": "1" } });
      const flagged = await bundle.addEndpoint({ featureFlags: ["beta"] });
      await bundle.store.publish([bundle.eventOf({ render: keyed })], T0);
      const { sent } = await dueOf(bundle);
      expect(textOf(sent.get(plain.id)!.body)).toBe('{"version":"1.0.0"}');
      expect(textOf(sent.get(flagged.id)!.body)).toBe('{"version":"1.0.1"}');
    });
  });
}
