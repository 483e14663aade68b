import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSubjectQueues } from "./subject-queues.ts";

describe("createSubjectQueues", () => {
  it("lets one of a subject go at a time, in order, whatever ends when", () => {
    const subjects = fc.array(fc.constantFrom("a", "b", "c", undefined), { maxLength: 40 });
    fc.assert(
      fc.property(subjects, fc.infiniteStream(fc.nat()), (given, dice) => {
        const queues = createSubjectQueues();
        const entries = given.map((subject, index) => ({ id: `${index}`, subject }));
        const running = entries.filter((entry) => queues.enter(entry));
        const went: typeof entries = [];
        while (running.length > 0) {
          const named = running.flatMap(({ subject }) => (subject === undefined ? [] : [subject]));
          expect(new Set(named).size).toBe(named.length);
          const [ended] = running.splice(dice.next().value % running.length, 1);
          went.push(ended!);
          queues.leave(ended!.id);
          running.push(...queues.take(9).map(({ id }) => entries[Number(id)]!));
        }
        for (const name of ["a", "b", "c"]) {
          const ids = went.filter(({ subject }) => subject === name).map(({ id }) => Number(id));
          expect(ids).toEqual(ids.toSorted((one, other) => one - other));
        }
        expect([went.length, queues.size]).toEqual([given.length, 0]);
      }),
      { seed: 1 },
    );
  });

  it("puts what comes back before what waits", () => {
    const queues = createSubjectQueues();
    for (const id of ["1", "2"]) queues.enter({ id, subject: "a" });
    expect(queues.reenter({ id: "1", subject: "a" })).toBe(true);
    expect(queues.reenter({ id: "0", subject: "a" })).toBe(false);
    queues.leave("1");
    expect(queues.take(9)).toEqual([{ id: "0", isNew: true }]);
    queues.leave("nobody");
    expect(queues.take(9)).toEqual([]);
  });
});
