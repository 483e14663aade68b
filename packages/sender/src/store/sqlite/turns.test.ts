import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, opened: promise };
}

const fail = () => Promise.reject(new Error("no"));

describe("createTurns", () => {
  it("runs alone who asks for that, and together who may, in the order in which they came", async () => {
    const turns = createTurns();
    const log: string[] = [];
    const gates = [gate(), gate(), gate(), gate()];
    const work = (name: number) => async () => {
      log.push(`begin ${name}`);
      await gates[name]?.opened;
      log.push(`end ${name}`);
    };
    const all = [
      turns.together(work(0)),
      turns.together(work(1)),
      turns.alone(work(2)),
      turns.together(work(3)),
    ];
    gates[1]?.open();
    await all[1];
    expect(log).toEqual(["begin 0", "begin 1", "end 1"]);
    for (const { open } of gates) open();
    await Promise.all(all);
    expect(log.slice(3)).toEqual(["end 0", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  it("goes on after work that failed, of either kind", async () => {
    const turns = createTurns();
    await expect(turns.alone(fail)).rejects.toThrow("no");
    await expect(turns.together(fail)).rejects.toThrow("no");
    expect(await turns.alone(() => 1)).toBe(1);
  });
});
