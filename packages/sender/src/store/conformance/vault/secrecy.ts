import { describe, expect, it } from "vitest";
import { createBundle, T0 } from "../bundle.ts";
import { K1 } from "./keys.ts";
import type { Context } from "./place.ts";
import { expectReadable, fill, MARKERS } from "./secrets.ts";

export function describeSecrecy({ open, place }: Context): void {
  describe("what is kept", () => {
    it("is the same as without, for who has the keys", async () => {
      const store = await open(K1);
      const filled = await fill(store);
      await expectReadable(store, filled);
      const { owned } = await filled.bundle.lease("w2");
      const { deliveries, endpoints } = await filled.bundle.take("w2", owned, { room: 100 });
      expect(endpoints.map(({ secrets }) => secrets[0]?.value).toSorted()).toEqual([
        MARKERS.secret,
        "whsec_x",
      ]);
      for (const { endpoint, event } of deliveries)
        expect(Buffer.from(event.body).toString()).toContain(
          endpoint === filled.other.id ? MARKERS.rendition : MARKERS.body,
        );
    });

    it("shows no body, rendition, secret, header, URL or answer", async () => {
      const { ids } = await fill(await open(K1));
      const dump = await place().dump();
      // It did look where it should.
      expect(dump.includes(ids[0] ?? "?")).toBe(true);
      for (const marker of [...Object.values(MARKERS), "digest of"])
        expect(dump.includes(marker)).toBe(false);
    });

    it("knows an event and a key again", async () => {
      const store = await open(K1);
      const { eventOf } = createBundle(() => store);
      const event = eventOf({ idempotency: { key: "k", digest: "d" } });
      await store.publish([event], T0);
      expect(await store.publish([event], T0)).toMatchObject([{ kind: "published", duplicate: true }]);
      expect(await store.publish([{ ...event, digest: "e" }], T0)).toMatchObject([
        { kind: "event_id_conflict" },
      ]);
      const other = { ...eventOf(), idempotency: { key: "k", digest: "e" } };
      expect(await store.publish([other], T0)).toMatchObject([{ kind: "idempotency_conflict" }]);
    });
  });
}
