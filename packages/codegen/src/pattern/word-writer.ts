import { accepted, refused, type Automaton } from "./automaton.ts";
import { charactersOf, plainestFirst } from "./plain-characters.ts";

/** Longer texts are not written. */
export const maxLength = 5_000;

/** Writes texts by walking an automaton along states from which an accepted end can be reached in time. */
export class WordWriter {
  readonly #automaton: Automaton;
  /** Some characters of each class, which is a column of the automaton, the plainest first. */
  readonly #characters: readonly (readonly string[])[];
  /** The columns, those with the plainest characters first. */
  readonly #order: readonly number[];
  /** By number of characters left: from which states a text can end well. */
  readonly #good: Uint8Array[];

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#characters = charactersOf(automaton.alphabet);
    this.#order = plainestFirst(this.#characters);
    this.#good = [Uint8Array.from(automaton.ends, Number)];
  }

  get isPossible(): boolean {
    const { start, rows, ends } = this.#automaton;
    const leads = (row: readonly number[], state: number) => ends[state] === true || row.includes(accepted);
    return start === accepted || rows.some((row, state) => state > accepted && leads(row, state));
  }

  can(length: number): boolean {
    return this.#goodIn(length)?.[this.#automaton.start] === 1;
  }

  write(length: number, dice: () => number): string | undefined {
    if (!this.can(length)) return undefined;
    let state = this.#automaton.start;
    let text = "";
    for (let left = length - 1; left >= 0; left--) {
      const good = this.#goodIn(left);
      const row = this.#automaton.rows[state] ?? [];
      const choices = this.#order.filter((column) => good?.[row[column] ?? refused] === 1);
      const column = choices[Math.floor(dice() * choices.length)] ?? 0;
      const characters = this.#characters[column] ?? [];
      text += characters[Math.floor(dice() * characters.length)] ?? "";
      state = row[column] ?? refused;
    }
    return text;
  }

  /** A shortest text through each step of the automaton, up to a count. */
  edges(count: number): readonly string[] {
    const before = this.#shortestTo(count);
    const texts = new Set<string>();
    for (const [state, prefix] of before)
      for (const column of this.#order) {
        const target = this.#automaton.rows[state]?.[column] ?? refused;
        const rest = target === refused ? undefined : this.#shortestFrom(target);
        if (rest !== undefined) texts.add(prefix + this.#plainest(column) + rest);
        if (texts.size >= count) return [...texts];
      }
    if (this.can(0)) texts.add("");
    return [...texts];
  }

  #plainest(column: number): string {
    return this.#characters[column]?.[0] ?? "";
  }

  #shortestTo(count: number): ReadonlyMap<number, string> {
    const found = new Map([[this.#automaton.start, ""]]);
    for (const [state, text] of found) {
      if (state === accepted || found.size > count) continue;
      for (const column of this.#order) {
        const target = this.#automaton.rows[state]?.[column] ?? refused;
        if (target !== refused && !found.has(target)) found.set(target, text + this.#plainest(column));
      }
    }
    return found;
  }

  #shortestFrom(start: number): string | undefined {
    const found = new Map([[start, ""]]);
    for (const [state, text] of found) {
      if (this.#automaton.ends[state] === true) return text;
      for (const column of this.#order) {
        const target = this.#automaton.rows[state]?.[column] ?? refused;
        if (target !== refused && !found.has(target)) found.set(target, text + this.#plainest(column));
      }
    }
    return undefined;
  }

  #goodIn(left: number): Uint8Array | undefined {
    if (left < 0 || left > maxLength) return undefined;
    while (this.#good.length <= left) {
      const last = this.#good.at(-1);
      this.#good.push(
        Uint8Array.from(this.#automaton.rows, (row) => (row.some((target) => last?.[target] === 1) ? 1 : 0)),
      );
    }
    return this.#good[left];
  }
}
