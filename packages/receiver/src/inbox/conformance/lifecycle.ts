import { describe, expect, it } from "vitest";
import { InboxUnavailable } from "../../inbox.ts";
import { claim, done, event, type OpenInbox } from "./given.ts";

export function describeLifecycle(open: OpenInbox): void {
  describe("close", () => {
    it("makes every verb fail as `InboxUnavailable`", async () => {
      const inbox = await open();
      await inbox.accept(event());
      const [held] = await claim(inbox);
      await inbox.close();
      const source = "billing";
      const verbs = {
        accept: () => inbox.accept(event({ eventId: "b" })),
        acceptBatch: () => inbox.acceptBatch([event({ eventId: "c" })]),
        claim: () => claim(inbox),
        renew: () => inbox.renew({ claims: [held!], leaseMs: 1 }),
        settle: () => inbox.settle([done(held!)]),
        owed: () => inbox.owed(source),
        depth: () => inbox.depth(source),
        deadLetters: () => inbox.deadLetters({ source, limit: 1 }),
        events: () => inbox.events({ source, state: "waiting", limit: 1 }),
        replay: () => inbox.replay({ source, keys: [held!.key], destinations: ["orders"] }),
        requeue: () => inbox.requeue({ source, keys: [held!.key] }),
        discard: () => inbox.discard({ source, keys: [held!.key] }),
        selfCheck: () => inbox.selfCheck(),
      };
      const faults = Object.entries(verbs).map(async ([verb, call]) => [
        verb,
        await call().then(
          () => "none",
          (error: unknown) => (error instanceof InboxUnavailable ? "InboxUnavailable" : error),
        ),
      ]);
      for (const [verb, fault] of await Promise.all(faults)) {
        expect(fault, String(verb)).toBe("InboxUnavailable");
      }
    });
  });

  describe("selfCheck", () => {
    it("finds a durable store safe", async () => {
      const findings = await (await open()).selfCheck();
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.filter(({ level }) => level === "unsafe")).toEqual([]);
    });
  });
}
