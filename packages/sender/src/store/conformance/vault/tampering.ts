import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../core/model.ts";
import { createBundle, T0 } from "../bundle.ts";
import { K1, K2, rewrapAll } from "./keys.ts";
import type { Context } from "./place.ts";
import { fill } from "./secrets.ts";

export function describeTampering({ open, place }: Context): void {
  const swap = async (table: string, column: string, [one, other]: readonly string[]) => {
    const read = async (id: string | undefined) =>
      (await place().execute(`SELECT ${column} AS value FROM ${table} WHERE id = ?`, [id]))[0]?.["value"];
    const values = [await read(one), await read(other)];
    const write = `UPDATE ${table} SET ${column} = ? WHERE id = ?`;
    await place().execute(write, [values[1], one]);
    await place().execute(write, [values[0], other]);
  };

  describe("what was changed", () => {
    it("is refused when bodies were swapped, and the other deliveries go", async () => {
      const store = await open(K1);
      const { addEndpoint, eventOf, lease, take } = createBundle(() => store);
      await addEndpoint();
      const events = [eventOf(), eventOf(), eventOf()];
      await store.publish(events, T0);
      const [one = "", other = "", third] = events.map(({ id }) => id);
      await swap("events", "body", [one, other]);
      for (const id of [one, other])
        await expect(store.getEvent(id)).rejects.toMatchObject({ code: "damaged_value" });
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned);
      const faults = new Map(deliveries.map(({ event, fault }) => [event.id, fault]));
      expect(faults).toEqual(
        new Map([
          [one, "payload_unavailable"],
          [other, "payload_unavailable"],
          [third, undefined],
        ]),
      );
      for (const { event, fault } of deliveries) expect(event.body.length === 0).toBe(fault !== undefined);
    });

    it("is refused when endpoints were swapped: nothing can be signed for them, and the others are served", async () => {
      const store = await open(K1);
      const { addEndpoint, eventOf, lease, take } = createBundle(() => store);
      const endpoints: Endpoint[] = [await addEndpoint(), await addEndpoint(), await addEndpoint()];
      const ids = endpoints.map(({ id }) => id);
      await swap("endpoints", "document", ids);
      await expect(store.getEndpoint(ids[0] ?? "")).rejects.toMatchObject({ code: "damaged_value" });
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const batch = await take("w1", owned, { endpoints: ids });
      expect(batch.deliveries).toHaveLength(3);
      expect(batch.endpoints.filter(({ secrets }) => secrets.length === 0)).toHaveLength(2);
    });

    it("shows an attempt without its answer", async () => {
      const store = await open(K1);
      const { answered } = await fill(store);
      await place().execute("UPDATE attempts SET response = ?", ["\u{1}MgJrMQAA"]);
      const [attempt] = await store.listAttempts(answered[0] ?? "");
      expect(attempt).toMatchObject({ number: 1, status: 500 });
      expect(attempt).not.toHaveProperty("response");
    });

    it("is left as it is by a rewrap, which goes on", async () => {
      const store = await open(K1);
      const { ids } = await fill(store);
      await swap("events", "body", ids);
      expect(await rewrapAll(await open(K2, K1))).toMatchObject({ unreadable: 2, forgotten: ["k1"] });
    });
  });
}
