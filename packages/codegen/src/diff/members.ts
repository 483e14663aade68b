import { matches } from "./matches.ts";
import { remember, type Memory } from "./remember.ts";
import type { ObjectPart, Shape } from "./shape.ts";
import type { Conjunction } from "./source.ts";

/** What a member of an object has to fulfil; `never`: there is no such member. */
export type Member = Conjunction | "never";

/** A writer is closed, a reader open. */
export type Role = "writer" | "reader";

const names: Memory<"names", readonly string[]> = new WeakMap();

/** The names of members that are described or required. */
export function namesOf(shape: Shape): readonly string[] {
  return remember(names, [shape, "names"], () => [
    ...new Set([...shape.objects.flatMap(({ properties }) => [...properties.keys()]), ...shape.required]),
  ]);
}

export function isNamed({ objects }: Shape, name: string): boolean {
  return objects.some(({ properties }) => properties.has(name));
}

/** Members by the shape. */
const members: Memory<string, Member> = new WeakMap();

/** All that is said about a member of a name. */
export function memberOf(shape: Shape, name: string, role: Role): Member {
  return remember(members, [shape, `${role} ${name}`], () => memberAnew(shape, name, role));
}

function memberAnew(shape: Shape, name: string, role: Role): Member {
  const matches = shape.objects.map((part) => matching(part, name));
  if (matches.every((found) => found.length === 0)) return restOf(shape, role);
  const isForbidden = shape.objects.some(
    (part, index) => matches[index]?.length === 0 && part.additional === false,
  );
  if (isForbidden && role === "writer") return "never";
  return shape.objects.flatMap((part, index) => {
    const found = matches[index] ?? [];
    return found.length > 0 ? found : additional(part);
  });
}

export function readable(shape: Shape, name: string): Conjunction {
  const member = memberOf(shape, name, "reader");
  return member === "never" ? [] : member;
}

export function readableRest(shape: Shape): Conjunction {
  const rest = restOf(shape, "reader");
  return rest === "never" ? [] : rest;
}

function matching({ properties, patterns }: ObjectPart, name: string): Conjunction {
  const byPattern = [...patterns].filter(([pattern]) => matches(pattern, name));
  return [...(properties.get(name) ?? []), ...byPattern.flatMap(([, sources]) => sources)];
}

function additional({ additional }: ObjectPart): Conjunction {
  return typeof additional === "object" ? additional : [];
}

/** What is said about members without a name: to a writer, naming some is forbidding others. */
export function restOf(shape: Shape, role: Role): Member {
  return remember(members, [shape, role], () => restAnew(shape, role));
}

function restAnew({ objects, isWhole }: Shape, role: Role): Member {
  const said = objects.filter(({ additional }) => additional !== "unsaid");
  const isConfined = isWhole && said.length === 0 && objects.some(({ isNaming }) => isNaming);
  const isForbidden = said.some(({ additional }) => additional === false);
  return role === "writer" && (isConfined || isForbidden) ? "never" : objects.flatMap(additional);
}

export function patternsOf({ objects }: Shape): ReadonlyMap<string, Conjunction> {
  const found = new Map<string, Conjunction>();
  for (const { patterns } of objects)
    for (const [pattern, sources] of patterns)
      found.set(pattern, [...(found.get(pattern) ?? []), ...sources]);
  return found;
}
