import type { Automaton } from "./automaton.ts";

/** The same automaton with as few states as possible (Moore); 0 and 1 go on refusing and accepting everything. */
export function minimise(automaton: Automaton): Automaton {
  const { rows, ends, alphabet } = automaton;
  let blocks: readonly number[] = ends.map(Number);
  for (let count = 0; ;) {
    const next = refine(blocks, rows);
    const size = Math.max(...next) + 1;
    blocks = next;
    if (size === count) break;
    count = size;
  }
  const representatives = [...new Set(blocks)].map((block) => blocks.indexOf(block));
  return {
    alphabet,
    start: blocks[automaton.start] ?? 0,
    rows: representatives.map((state) => (rows[state] ?? []).map((target) => blocks[target] ?? 0)),
    ends: representatives.map((state) => ends[state] ?? false),
  };
}

/** Splits blocks whose states lead to different blocks; numbers them as they are met, so 0 and 1 keep their numbers. */
function refine(blocks: readonly number[], rows: readonly (readonly number[])[]): readonly number[] {
  const ids = new Map<string, number>();
  return rows.map((row, state) => {
    const key = `${blocks[state]}:${row.map((target) => blocks[target]).join()}`;
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  });
}
