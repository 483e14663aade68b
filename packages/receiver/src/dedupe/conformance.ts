import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Dedupe } from "../dedupe.ts";

export interface DedupeUnderTest {
  /** Opens the same store every time it is called within one test; `open` twice stands for two processes. */
  open(options: DedupeTestOptions): Promise<Dedupe>;
  /** Makes the store empty for the next test. */
  clear(): Promise<void>;
  /** Whether what is handled is forgotten by the `clock` too, and not by the store's own. Default true. */
  readonly forgetsByClock?: boolean;
}

/** What the suite gives each dedupe. */
export interface DedupeTestOptions {
  /** Unix milliseconds that leases have to go by, instead of a clock of its own. */
  readonly clock: () => number;
  readonly rememberMs?: number;
}

/** The rules of the `Dedupe` port, as tests. A new implementation's test file is one call of this. */
export function describeDedupe(name: string, subject: DedupeUnderTest): void {
  describe(`Dedupe: ${name}`, () => {
    let dedupe: Dedupe;
    const base = 1_800_000_000_000;
    let nowMs = base;
    const open = (more: { rememberMs?: number } = {}) => subject.open({ clock: () => nowMs, ...more });
    const event = { source: "shop", eventId: "evt_1" };
    const begin = (more: { source?: string; eventId?: string } = {}) =>
      dedupe.begin({ ...event, leaseMs: 1_000, ...more });
    const began = (attempt: number) => ({ ...event, attempt });
    beforeEach(async () => {
      nowMs = base;
      dedupe = await open();
    });
    afterEach(async () => {
      await dedupe.close();
      await subject.clear();
    });

    it("lets one of many begin", async () => {
      const results = await Promise.all(Array.from({ length: 20 }, () => begin()));
      expect(results.filter(({ kind }) => kind === "begun")).toEqual([{ kind: "begun", attempt: 1 }]);
      expect(results.filter(({ kind }) => kind === "busy")).toHaveLength(19);
    });

    it("knows what is handled, in every process, long after the lease", async () => {
      await begin();
      expect(await dedupe.finish(began(1))).toBe(true);
      const other = await open();
      nowMs += 86_400_000;
      expect(await other.begin({ ...event, leaseMs: 1 })).toEqual({ kind: "handled" });
      await other.close();
    });

    it("gives what was released to the next, and counts", async () => {
      await begin();
      expect(await dedupe.release(began(1))).toBe(true);
      expect(await begin()).toEqual({ kind: "begun", attempt: 2 });
      expect(await begin()).toEqual({ kind: "busy" });
    });

    it("gives what a dead process held to the next when the lease is over, not sooner", async () => {
      await begin();
      nowMs += 999;
      expect(await begin()).toEqual({ kind: "busy" });
      nowMs += 1;
      expect(await begin()).toEqual({ kind: "begun", attempt: 2 });
    });

    it("refuses who began before: neither finish nor release", async () => {
      await begin();
      nowMs += 1_000;
      await begin();
      expect(await dedupe.release(began(1))).toBe(false);
      expect(await dedupe.finish(began(1))).toBe(false);
      expect(await dedupe.finish(began(2))).toBe(true);
      expect(await dedupe.release(began(2))).toBe(false);
      expect(await dedupe.finish(began(2))).toBe(false);
      expect(await begin()).toEqual({ kind: "handled" });
    });

    it("refuses what nobody began", async () => {
      expect(await dedupe.finish(began(1))).toBe(false);
      expect(await dedupe.release(began(1))).toBe(false);
    });

    it("lets one finish although its lease is over, when nobody has begun since", async () => {
      await begin();
      nowMs += 5_000;
      expect(await dedupe.finish(began(1))).toBe(true);
    });

    it("tells events apart by source and by id, whatever is in it", async () => {
      for (const more of [{}, { source: "shop2" }, { eventId: "evt_1:1" }, { eventId: "0:0\n' %d" }])
        expect(await begin(more)).toMatchObject({ kind: "begun" });
    });

    it("forgets in the end", async () => {
      await dedupe.close();
      const short = 40;
      dedupe = await open({ rememberMs: short });
      await begin();
      await dedupe.finish(began(1));
      if (subject.forgetsByClock !== false) nowMs += short;
      await expect
        .poll(() => begin(), { timeout: 60_000 })
        .toEqual(
          subject.forgetsByClock === false
            ? { kind: "begun", attempt: 1 }
            : expect.objectContaining({ kind: "begun" }),
        );
    });
  });
}
