import { pointerTo } from "../json.ts";

/** Where a value stands in the text of a JSON document. */
export interface TextPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds what a JSON Pointer leads to in a text that is known to be JSON. A part of the way that is not there is
 * left off: the innermost value that is there is found, and `exact` says whether that was all.
 */
export function placeOf(text: string, pointer: string): TextPlace & { readonly exact: boolean } {
  let start = skipSpace(text, 0);
  let rest = pointer;
  while (rest !== "") {
    const next = membersAt(text, start).findLast(
      ({ name }) => rest === pointerTo("", name) || rest.startsWith(`${pointerTo("", name)}/`),
    );
    if (next === undefined) return { start, end: endOf(text, start), exact: false };
    start = next.start;
    rest = rest.slice(pointerTo("", next.name).length);
  }
  return { start, end: endOf(text, start), exact: true };
}

/** The line, counted from 1, on which that value begins. */
export function lineOf(text: string, pointer: string): number {
  return text.slice(0, placeOf(text, pointer).start).split("\n").length;
}

/**
 * Sets `x-event.version` in the text of a contract, and leaves everything else as it is written. A contract that does
 * not state its version is left alone: its version is always that of its newest release.
 */
export function setVersion(text: string, version: string): string {
  const { start, end, exact } = placeOf(text, "/x-event/version");
  return exact ? text.slice(0, start) + JSON.stringify(version) + text.slice(end) : text;
}

interface Member {
  readonly name: string | number;
  readonly start: number;
}

/** The members of the object, or the items of the list, that begins at `start`. */
function membersAt(text: string, start: number): readonly Member[] {
  const isObject = text[start] === "{";
  if (!isObject && text[start] !== "[") return [];
  const members: Member[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== "}" && text[at] !== "]") {
    const name = isObject ? (JSON.parse(text.slice(at, endOf(text, at))) as string) : members.length;
    if (isObject) at = skipSpace(text, skipSpace(text, endOf(text, at)) + 1);
    members.push({ name, start: at });
    at = skipSpace(text, endOf(text, at));
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return members;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^"{}[\]]+/y;
const scalar = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y;

function endOf(text: string, start: number): number {
  if (text[start] !== "{" && text[start] !== "[") return match(scalar, text, start).end;
  let depth = 0;
  let at = start;
  do {
    const { found, end } = match(token, text, at);
    if (found === "{" || found === "[") depth++;
    if (found === "}" || found === "]") depth--;
    at = end;
  } while (depth > 0);
  return at;
}

function match(pattern: RegExp, text: string, at: number): { readonly found: string; readonly end: number } {
  pattern.lastIndex = at;
  const [found] = pattern.exec(text) ?? [];
  if (found === undefined) throw new Error(`There is no JSON value at ${at}.`);
  return { found, end: at + found.length };
}

function skipSpace(text: string, at: number): number {
  const space = /[ \t\r\n\uFEFF]*/y;
  return match(space, text, at).end;
}
