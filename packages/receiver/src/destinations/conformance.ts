import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Destination, OutgoingEntry } from "../destination.ts";

/** What arrived at the other side. */
export interface Arrival {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface DestinationUnderTest {
  /** Whether the other side keeps an event once that comes twice. */
  readonly deduplicates: boolean;
  /** Opens a destination to an empty other side. */
  open(): Promise<Destination>;
  arrivals(): Promise<readonly Arrival[]>;
  /** Makes the other side unable to confirm. */
  breakDown(): Promise<void>;
  /** Makes the other side take what comes and never answer. */
  fallSilent(): Promise<void>;
  /** Undoes `breakDown` and `fallSilent`. */
  repair(): Promise<void>;
  close(): Promise<void>;
}

/** Time for a test that starts a broker anew: some take seconds, on a busy machine a minute. */
const restartMs = 180_000;

/** The rules of the `Destination` port, as tests. */
export function describeDestination(name: string, subject: DestinationUnderTest): void {
  describe(`Destination: ${name}`, () => {
    let destination: Destination;
    beforeEach(async () => {
      destination = await subject.open();
    });
    afterEach(async () => {
      await destination.close();
      await subject.close();
    });

    it("confirms an event that has arrived, with what names it", async () => {
      expect(await destination.deliver(entry())).toEqual({ kind: "confirmed" });
      const [arrival] = await subject.arrivals();
      expect(arrival).toMatchObject({ id: "evt_1", type: "invoice.paid", source: "billing" });
      expect(arrival?.headers).toMatchObject({
        "webhook-signature": "v1,abc",
        "content-type": "application/json",
      });
    });

    it("hands the bytes over as they were received", async () => {
      const bodies = [
        Buffer.from("\u{FEFF}{}"),
        Buffer.alloc(0),
        Buffer.from([0xff, 0, 0xfe, 0x80]),
        Buffer.alloc(100_000, "é"),
      ];
      for (const [index, body] of bodies.entries()) {
        expect(await destination.deliver(entry({ body, eventId: `e${index}` }))).toEqual(confirmed);
      }
      const arrivals = await subject.arrivals();
      expect(arrivals).toHaveLength(bodies.length);
      for (const [index, body] of bodies.entries()) {
        const arrival = arrivals.find(({ id }) => id === `e${index}`);
        expect(Buffer.compare(Buffer.from(arrival!.body), body)).toBe(0);
      }
    });

    it("confirms what comes again, which a side that deduplicates keeps once, and tells sources apart", async () => {
      for (let time = 0; time < 2; time++) expect(await destination.deliver(entry())).toEqual(confirmed);
      expect(await destination.deliver(entry({ source: "shipping", eventId: "evt:1+/=@" }))).toEqual(
        confirmed,
      );
      expect(await destination.deliver(entry({ source: "shipping" }))).toEqual(confirmed);
      const ids = (await subject.arrivals()).map(({ source, id }) => `${source} ${id}`);
      const repeated = subject.deduplicates ? [] : ["billing evt_1"];
      const others = ["billing evt_1", "shipping evt:1+/=@", "shipping evt_1"];
      expect(ids.toSorted()).toEqual([...repeated, ...others].toSorted());
    });

    it(
      "loses nothing when the other side is killed in the midst of many",
      async () => {
        const ids = Array.from({ length: 60 }, (_, index) => `e${index}`);
        const delivering = ids.map(async (eventId, index) => {
          await pause(index * 3);
          await deliverPatiently(destination, eventId);
        });
        await Promise.race(delivering);
        await subject.breakDown();
        await subject.repair();
        await Promise.all(delivering);
        const arrived = (await subject.arrivals()).map(({ id }) => id);
        expect([...new Set(arrived)].toSorted()).toEqual(ids.toSorted());
        if (subject.deduplicates) expect(arrived).toHaveLength(ids.length);
      },
      restartMs,
    );

    it("lets what is on its way arrive before it closes", async () => {
      const delivering = Array.from({ length: 20 }, (_, index) =>
        destination.deliver(entry({ eventId: `e${index}` })),
      );
      await destination.close();
      expect(await Promise.all(delivering)).toEqual(delivering.map(() => confirmed));
      expect(await subject.arrivals()).toHaveLength(20);
    });

    it("passes on an event without a type", async () => {
      expect(await destination.deliver(entry({ eventType: undefined }))).toEqual({ kind: "confirmed" });
    });

    it(
      "asks for another attempt while the other side is down, and confirms when it is back",
      async () => {
        await subject.breakDown();
        expect(await destination.deliver(entry())).toMatchObject({ kind: "retry" });
        await subject.repair();
        await expect
          .poll(() => destination.deliver(entry()), { timeout: restartMs / 2 })
          .toEqual({ kind: "confirmed" });
      },
      restartMs,
    );

    it("asks for another attempt when the other side does not answer", async () => {
      await subject.fallSilent();
      expect(await destination.deliver(entry())).toMatchObject({ kind: "retry" });
      await subject.repair();
    });
  });
}

async function deliverPatiently(destination: Destination, eventId: string): Promise<void> {
  while ((await destination.deliver(entry({ eventId }))).kind !== "confirmed") await pause(20);
}

const confirmed = { kind: "confirmed" };

function entry(given: Partial<OutgoingEntry> = {}): OutgoingEntry {
  return {
    source: "billing",
    eventId: "evt_1",
    eventType: "invoice.paid",
    headers: { "content-type": "application/json", "webhook-signature": "v1,abc" },
    body: Buffer.from("{}"),
    receivedAtMs: 0,
    attempt: 1,
    ...given,
  };
}
