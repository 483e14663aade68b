/** A step of a path: a member's name, an element's place, or each element. */
export type PathStep = string | number | typeof eachElement;
const eachElement = Symbol("[*]");

/** A parsed path. */
export interface JsonPath {
  readonly steps: readonly PathStep[];
  /** Whether it may find several values. */
  readonly isMany: boolean;
}

const stepForm = /^([^.[\]]*)((?:\[(?:\d{1,6}|\*)\])*)$/;

/** Parses a path such as `data.events[*].id`; `""` is the whole. @throws TypeError when it is none. */
export function parsePath(path: string): JsonPath {
  const steps = path === "" ? [] : path.split(".").flatMap((part, index) => parseStep(part, index === 0));
  if (steps.includes("")) throw new TypeError(`Expected a path such as data.events[0].id, got "${path}".`);
  return { steps, isMany: steps.includes(eachElement) };
}

function parseStep(part: string, isFirst: boolean): readonly PathStep[] {
  const match = stepForm.exec(part);
  const [, name = "", places = ""] = match ?? [];
  if (match === null || part === "") return [""];
  const elements = [...places.matchAll(/\[(\d+|\*)\]/g)].map(([, place]) =>
    place === "*" ? eachElement : Number(place),
  );
  return name === "" && isFirst ? elements : [name, ...elements];
}

/** A value and where it was found, as a JSON Pointer. */
export interface Found {
  readonly value: unknown;
  readonly pointer: string;
}

/** The values a path leads to. Only own members are seen: a path never reaches a prototype. */
export function walk(value: unknown, { steps }: JsonPath): readonly Found[] {
  let found: readonly Found[] = [{ value, pointer: "" }];
  for (const step of steps) found = found.flatMap((one) => childrenOf(one, step));
  return found;
}

/**
 * The only value a path leads to; `undefined` when there is none, or several. A path without `[*]` makes no list on its
 * way and no pointer: it is walked for every request.
 */
export function onlyValue(value: unknown, path: JsonPath): unknown {
  if (path.isMany) {
    const found = walk(value, path);
    return found.length === 1 ? found[0]?.value : undefined;
  }
  let at = value;
  for (const step of path.steps) if (step !== eachElement) at = childOf(at, step);
  return at;
}

function childrenOf({ value, pointer }: Found, step: PathStep): readonly Found[] {
  if (step === eachElement) {
    if (!Array.isArray(value)) return [];
    return value.map((one, index) => ({ value: one, pointer: `${pointer}/${index}` }));
  }
  const child = childOf(value, step);
  if (child === undefined) return [];
  const name = typeof step === "string" ? step.replaceAll("~", "~0").replaceAll("/", "~1") : step;
  return [{ value: child, pointer: `${pointer}/${name}` }];
}

/** `undefined` where there is none: nothing in JSON is. */
function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) !== (typeof step === "number") || !Object.hasOwn(value, step)) return undefined;
  // An object or a list of JSON: any own member may be asked for.
  return (value as Readonly<Record<string | number, unknown>>)[step];
}

/** A string; anything else is `undefined`. */
export function stringText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A string, safe integer or boolean as text; anything else is `undefined`. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "boolean" || Number.isSafeInteger(value) ? String(value) : undefined;
}

/** As `walk`, but with an entry for each element of the last `[*]`, also for those without what the path asks for. */
export function walkEach(value: unknown, path: JsonPath): readonly unknown[] {
  const end = path.steps.lastIndexOf(eachElement) + 1;
  const rest = { ...path, steps: path.steps.slice(end) };
  const elements = walk(value, { ...path, steps: path.steps.slice(0, end) });
  return elements.map((element) => walk(element.value, rest)[0]?.value);
}
