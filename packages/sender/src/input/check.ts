import { SenderError } from "../errors.ts";
import { checkMembersKnown } from "../members.ts";

/** Throws a `SenderError` (`validation_failed`) where a value is not what was expected. `pointer` says where it stands. */
export type Check = (value: unknown, pointer: string) => void;

/** A check for each member, so that none of its type is forgotten. */
export type Members<T> = Readonly<Record<keyof T, Check>>;

export function expect(what: string, is: (value: unknown) => boolean): Check {
  return (value, pointer) => {
    if (is(value)) return;
    const message = `Expected ${what}${pointer === "" ? "" : ` at ${pointer}`}, got ${kindOf(value)}`;
    throw new SenderError("validation_failed", message, {
      issues: [{ pointer, code: "validation_failed", message }],
    });
  };
}

/** A value that may be left out. */
export function optional(check: Check): Check {
  return (value, pointer) => {
    if (value !== undefined) check(value, pointer);
  };
}

/** A value that may be taken away. */
export function removable(check: Check): Check {
  return optional((value, pointer) => {
    if (value !== null) check(value, pointer);
  });
}

export const text = expect("a text", (value) => typeof value === "string");

export const number = expect("a number", (value) => typeof value === "number");

export const callable = expect("a function", (value) => typeof value === "function");

export function wholeNumber(min: number, max: number): Check {
  const isWhole = (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return expect(`an integer from ${min} to ${max}`, isWhole);
}

export function oneOf(values: readonly string[]): Check {
  return expect(`one of ${values.join(", ")}`, (value) => values.some((known) => known === value));
}

export function listOf(check: Check): Check {
  const isList = expect("a list", Array.isArray);
  return (value, pointer) => {
    isList(value, pointer);
    // A list, or it would have thrown. Holes are undefined.
    for (const [index, one] of (value as readonly unknown[]).entries()) check(one, `${pointer}/${index}`);
  };
}

/** An object with any names. */
export function recordOf(check: Check): Check {
  return (value, pointer) => {
    isObject(value, pointer);
    for (const [name, one] of Object.entries(value as object)) check(one, `${pointer}/${escaped(name)}`);
  };
}

/** An object with these members and no others: what a misspelt one was meant to narrow down would be wide open. */
export function object<T>(members: Members<T>): Check {
  // The same names, each once.
  const names = Object.fromEntries(Object.keys(members).map((name) => [name, true as const]));
  const all = Object.entries<Check>(members);
  return (value, pointer) => {
    isObject(value, pointer);
    checkMembersKnown(value as object, names);
    for (const [name, check] of all) check((value as Record<string, unknown>)[name], `${pointer}/${name}`);
  };
}

const isObject = expect(
  "an object",
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** What a value is, and never the value: it may be a secret. Small numbers are none. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null || typeof value === "number") return String(value);
  if (Array.isArray(value)) return "a list";
  const kinds = { string: "a text", object: "an object", function: "a function" } as const;
  return kinds[typeof value as keyof typeof kinds] ?? `a ${typeof value}`;
}
