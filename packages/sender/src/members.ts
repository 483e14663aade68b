import { SenderError } from "./errors.ts";

/** Every member that an input may have: a table rather than a list, so that none of its type is forgotten. */
export type MembersOf<T> = Readonly<Record<keyof T, true>>;

/**
 * Throws a `SenderError` where an input has a member that does not exist. Types find a misspelt member in a literal only,
 * and what it was meant to narrow down would be wide open: an event would go to everybody, an endpoint would take all.
 */
export function checkMembersKnown(input: object, members: Readonly<Record<string, true>>): void {
  for (const name in input) if (!Object.hasOwn(members, name)) throw unknownMember(name, members);
}

function unknownMember(name: string, members: Readonly<Record<string, true>>): SenderError {
  const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const expected = `one of ${Object.keys(members).join(", ")}`;
  const received = JSON.stringify(name.slice(0, 64));
  const message = `There is no member ${received}; expected ${expected}`;
  return new SenderError("unknown_field", message, { issues: [{ pointer, code: "unknown_field", message }] });
}

/** Without members that are there with `undefined`, which mean the same as those that are not. */
export function withoutUndefined<T extends object>(input: T): T {
  // What is taken away has no value, so nothing that `T` promises is missing.
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as T;
}
