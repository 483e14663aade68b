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
      const bodies = [Buffer.alloc(0), Buffer.from([0xff, 0, 0xfe, 0x80]), Buffer.alloc(100_000, "é")];
      for (const body of bodies) await destination.deliver(entry({ body }));
      const arrivals = await subject.arrivals();
      expect(
        arrivals.map(({ body }) => Buffer.from(body).equals(bodies[arrivals.length] ?? body)),
      ).toHaveLength(3);
      for (const [index, body] of bodies.entries()) {
        expect(Buffer.compare(Buffer.from(arrivals[index]!.body), body)).toBe(0);
      }
    });

    it("passes on an event without a type", async () => {
      expect(await destination.deliver(entry({ eventType: undefined }))).toEqual({ kind: "confirmed" });
    });

    it("asks for another attempt while the other side is down, and confirms when it is back", async () => {
      await subject.breakDown();
      expect(await destination.deliver(entry())).toMatchObject({ kind: "retry" });
      await subject.repair();
      await expect
        .poll(() => destination.deliver(entry()), { timeout: 10_000 })
        .toEqual({ kind: "confirmed" });
    });

    it("asks for another attempt when the other side does not answer", async () => {
      await subject.fallSilent();
      expect(await destination.deliver(entry())).toMatchObject({ kind: "retry" });
      await subject.repair();
    });
  });
}

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
