import type { JsonObject } from "../json.ts";
import type { Bound, BoundName, Kind } from "./shape.ts";

/** A keyword that sets one end of a range. */
export interface BoundKeyword {
  readonly keyword: string;
  readonly name: BoundName;
  readonly exclusive: boolean;
}

/** The keywords of every range; the first of a range is the one to name when neither side has any. */
export const boundKeywords: readonly BoundKeyword[] = [
  { keyword: "minimum", name: "number.min", exclusive: false },
  { keyword: "exclusiveMinimum", name: "number.min", exclusive: true },
  { keyword: "maximum", name: "number.max", exclusive: false },
  { keyword: "exclusiveMaximum", name: "number.max", exclusive: true },
  { keyword: "minLength", name: "length.min", exclusive: false },
  { keyword: "maxLength", name: "length.max", exclusive: false },
  { keyword: "minItems", name: "items.min", exclusive: false },
  { keyword: "maxItems", name: "items.max", exclusive: false },
  { keyword: "minProperties", name: "members.min", exclusive: false },
  { keyword: "maxProperties", name: "members.max", exclusive: false },
];

/** The kinds a range is about. */
export const boundedKinds: Readonly<Record<BoundName, readonly Kind[]>> = {
  "number.min": ["integer", "fraction"],
  "number.max": ["integer", "fraction"],
  "length.min": ["string"],
  "length.max": ["string"],
  "items.min": ["array"],
  "items.max": ["array"],
  "members.min": ["object"],
  "members.max": ["object"],
};

/** The narrowest ranges that follow from schemas to be fulfilled all; an end that says nothing is left out. */
export function boundsOf(
  conjuncts: readonly { readonly schema: JsonObject }[],
  kinds: ReadonlySet<Kind>,
): ReadonlyMap<BoundName, Bound> {
  const bounds = new Map<BoundName, Bound>();
  const add = (name: BoundName, bound: Bound) => {
    const known = bounds.get(name);
    if (!isVoid(name, bound) && (known === undefined || isNarrower(name, bound, known)))
      bounds.set(name, bound);
  };
  for (const { schema } of conjuncts) {
    for (const { keyword, name, exclusive } of boundKeywords) {
      const value = schema[keyword];
      if (typeof value === "number") add(name, whole({ value, exclusive }, name, kinds));
    }
    const prefix = schema["prefixItems"];
    if (schema["items"] === false)
      add("items.max", { value: Array.isArray(prefix) ? prefix.length : 0, exclusive: false });
  }
  return bounds;
}

/** Whether one end of a range leaves less room than another. Nothing leaves all the room there is. */
export function isNarrower(name: BoundName, one: Bound | undefined, other: Bound | undefined): boolean {
  if (one === undefined) return false;
  if (other === undefined) return true;
  if (one.value === other.value) return one.exclusive && !other.exclusive;
  return name.endsWith(".min") ? one.value > other.value : one.value < other.value;
}

export function isWithin(name: BoundName, value: number, bound: Bound): boolean {
  if (value === bound.value) return !bound.exclusive;
  return name.endsWith(".min") ? value > bound.value : value < bound.value;
}

function isVoid(name: BoundName, { value }: Bound): boolean {
  return name.endsWith(".min") && !name.startsWith("number") && value <= 0;
}

/** Where only integers are possible, `> 0` is `≥ 1`. */
function whole({ value, exclusive }: Bound, name: BoundName, kinds: ReadonlySet<Kind>): Bound {
  if (!name.startsWith("number") || kinds.has("fraction")) return { value, exclusive };
  const isLow = name === "number.min";
  const nearest = isLow ? Math.ceil(value) : Math.floor(value);
  const isShifted = exclusive && nearest === value && Number.isSafeInteger(value);
  if (isShifted) return { value: isLow ? value + 1 : value - 1, exclusive: false };
  return Number.isSafeInteger(nearest)
    ? { value: nearest, exclusive: exclusive && nearest === value }
    : { value, exclusive };
}
