import { describe, expect, it } from "vitest";
import { checkTotalQueue } from "./checker.ts";
import type { History } from "./history.ts";

const attempted = (id: string) => ({ kind: "attempted", id, atMs: 0 }) as const;
const acknowledged = (id: string, { atMs = 1, repeated = false } = {}) =>
  ({ kind: "acknowledged", id, atMs, repeated }) as const;
const ambiguous = (id: string) => ({ kind: "ambiguous", id, atMs: 1, reason: "reset" }) as const;
const refused = (id: string) => ({ kind: "refused", id, atMs: 1, reason: "503" }) as const;
const consumed = (id: string, atMs = 2) => ({ kind: "consumed", id, atMs }) as const;
const fault = (atMs: number) => ({ kind: "fault", atMs, target: "sender" }) as const;

const good: History = [attempted("a"), acknowledged("a"), consumed("a")];

describe("checkTotalQueue", () => {
  it("finds nothing wrong where every acknowledged element was consumed once", () => {
    expect(checkTotalQueue(good)).toMatchObject({
      attempted: 1,
      acknowledged: 1,
      ok: 1,
      lost: [],
      unexpected: [],
      duplicated: [],
      recovered: [],
      acceptedTwice: [],
      falseRepeats: [],
    });
  });

  it("says what was acknowledged and never came", () => {
    expect(checkTotalQueue([...good, attempted("b"), acknowledged("b")]).lost).toEqual(["b"]);
  });

  it("calls nothing lost that was never acknowledged", () => {
    const history = [...good, attempted("b"), ambiguous("b"), attempted("c"), refused("c")];
    expect(checkTotalQueue(history)).toMatchObject({ lost: [], ambiguous: 1, refused: 1, attempted: 3 });
  });

  it("says what came and had never been handed in", () => {
    expect(checkTotalQueue([...good, consumed("b")])).toMatchObject({ unexpected: ["b"], ok: 1 });
  });

  it("names an element once for each time it came too often", () => {
    expect(checkTotalQueue([...good, consumed("a"), consumed("a")]).duplicated).toEqual(["a", "a"]);
  });

  it("says what came although its client had no answer", () => {
    const history = [...good, attempted("b"), ambiguous("b"), consumed("b")];
    expect(checkTotalQueue(history)).toMatchObject({ recovered: ["b"], ok: 2, lost: [] });
  });

  it("says what was accepted as new twice", () => {
    expect(checkTotalQueue([...good, acknowledged("a")]).acceptedTwice).toEqual(["a"]);
    expect(checkTotalQueue([...good, acknowledged("a", { repeated: true })]).acceptedTwice).toEqual([]);
  });

  it("says what was called a repetition and cannot have been one", () => {
    const repeated = acknowledged("b", { repeated: true });
    expect(checkTotalQueue([attempted("b"), repeated, consumed("b")]).falseRepeats).toEqual(["b"]);
    expect(checkTotalQueue([attempted("b"), refused("b"), repeated]).falseRepeats).toEqual(["b"]);
    expect(checkTotalQueue([attempted("b"), ambiguous("b"), repeated]).falseRepeats).toEqual([]);
  });

  it("measures the longest silence, and the longest way from acknowledgement to consumer", () => {
    const history = [...good, fault(10), consumed("c", 40), consumed("b", 25), fault(90)];
    expect(checkTotalQueue(history).maxGapMs).toBe(23);
    const slow = [attempted("a"), acknowledged("a", { atMs: 5 }), consumed("a", 105), consumed("a", 300)];
    expect(checkTotalQueue(slow).longestWayMs).toBe(100);
  });
});
