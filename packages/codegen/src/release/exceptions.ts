import { isObject, pointerTo, type Json } from "../json.ts";
import { exceptionsFile } from "../layout.ts";
import type { Problem } from "../problem.ts";

/** One row of `compat-exceptions.json`: a break that somebody answers for, until a day. */
export interface Exception {
  readonly type: string;
  /** Rule of a change, or code of a problem such as `event_type_removed`. */
  readonly rule: string;
  /** As the problem gives it; `""` where it gives none. */
  readonly pointer: string;
  readonly reason: string;
  readonly owner: string;
  /** The last day it holds, such as `2026-12-31`, in UTC. */
  readonly expires: string;
}

/** Exceptions that hold, and which of them have been needed. */
export interface Exceptions {
  /** Whether a break is excused; remembers that it was asked. */
  readonly excuse: (break_: Pick<Exception, "type" | "rule" | "pointer">) => boolean;
  /** The rows nobody needed so far. */
  readonly unused: () => readonly Problem[];
  /** What is wrong with the file; a row that has expired excuses nothing. */
  readonly problems: readonly Problem[];
}

const members: Readonly<Record<keyof Exception, RegExp>> = {
  type: /^[^\s/]+$/,
  rule: /^\w+$/,
  pointer: /^(?:\/.*)?$/s,
  reason: /\S/,
  owner: /\S/,
  expires: /^\d{4}-\d{2}-\d{2}$/,
};

/** Reads `compat-exceptions.json` as of a moment; no file, no exceptions. */
export function readExceptions(document: Json | undefined, now: Date): Exceptions {
  if (document !== undefined && !Array.isArray(document))
    return noExceptions(problem("invalid_exception", "", "Must be a list of exceptions."));
  const rows: readonly Json[] = document ?? [];
  const malformed = rows.flatMap(lintRow);
  const today = now.toISOString().slice(0, "2026-12-31".length);
  // Rows without a fault have all members, as text.
  const whole = rows
    .map((row, index) => ({ index, row: row as unknown as Exception }))
    .filter(({ row, index }) => lintRow(row as unknown as Json, index).length === 0);
  const expired = whole.filter(({ row }) => row.expires < today);
  const holding = whole.filter(({ row }) => row.expires >= today);
  const used = new Set<number>();
  return {
    excuse: ({ type, rule, pointer }) => {
      const found = holding.filter(
        ({ row }) => row.type === type && row.rule === rule && row.pointer === pointer,
      );
      for (const { index } of found) used.add(index);
      return found.length > 0;
    },
    unused: () => holding.filter(({ index }) => !used.has(index)).map(toUnused),
    problems: [...malformed, ...expired.map(toExpired)],
  };
}

function noExceptions(fault: Problem): Exceptions {
  return { excuse: () => false, unused: () => [], problems: [fault] };
}

function lintRow(row: Json, index: number): readonly Problem[] {
  const at = pointerTo("", index);
  const names = Object.keys(members).join(", ");
  if (!isObject(row)) return [problem("invalid_exception", at, `Must be an object with ${names}.`)];
  const unknown = Object.keys(row).filter((name) => !Object.hasOwn(members, name));
  const wrong = Object.entries(members).filter(([name, pattern]) => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    return typeof value !== "string" || !pattern.test(value) || (name === "expires" && !isDay(value));
  });
  return [
    ...unknown.map((name) => problem("invalid_exception", pointerTo(at, name), `An exception has ${names}.`)),
    ...wrong.map(([name]) =>
      problem("invalid_exception", pointerTo(at, name), `${name} must be ${expected(name)}.`),
    ),
  ];
}

function expected(name: string): string {
  if (name === "expires") return "a day such as 2026-12-31";
  return name === "pointer" ? "a JSON Pointer, or an empty text" : "a text";
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

interface Numbered {
  readonly index: number;
  readonly row: Exception;
}

function toExpired({ index, row: { rule, type, expires, owner } }: Numbered): Problem {
  const message = `The exception for ${rule} of ${type} held until ${expires}; ${owner} decides what comes next.`;
  return problem("exception_expired", `/${index}/expires`, message);
}

function toUnused({ index, row: { rule, type } }: Numbered): Problem {
  const message = `Nothing needs the exception for ${rule} of ${type} any more: take it out.`;
  return problem("unused_exception", `/${index}`, message);
}

function problem(code: string, pointer: string, message: string): Problem {
  return { code, file: exceptionsFile, pointer, message };
}
