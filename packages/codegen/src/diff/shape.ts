import type { Json, JsonObject } from "../json.ts";
import type { Conjunction } from "./source.ts";

/** Types that do not overlap; JSON Schema's `number` is `integer` and `fraction`. `null` is told apart. */
export type Kind = "boolean" | "integer" | "fraction" | "string" | "array" | "object";

export const kinds: readonly Kind[] = ["boolean", "integer", "fraction", "string", "array", "object"];

/** The kind of a value that is not null. */
export function kindOf(value: Json): Kind {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "fraction";
  if (typeof value === "string" || typeof value === "boolean") return typeof value as "string" | "boolean";
  return "object";
}

/** One end of a range. */
export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

export type BoundName =
  | "number.min"
  | "number.max"
  | "length.min"
  | "length.max"
  | "items.min"
  | "items.max"
  | "members.min"
  | "members.max";

/** What one of the schemas of a conjunction says about the members of an object. */
export interface ObjectPart {
  /** Whether it has `properties`: only then is a writer confined to them. */
  readonly isNaming: boolean;
  readonly properties: ReadonlyMap<string, Conjunction>;
  readonly patterns: ReadonlyMap<string, Conjunction>;
  /** `unsaid` when the keyword is absent. */
  readonly additional: "unsaid" | boolean | Conjunction;
}

/** What one of the schemas of a conjunction says about the elements of an array. */
export interface ArrayPart {
  readonly prefix: readonly Conjunction[];
  readonly rest: Conjunction;
}

/** Alternatives, at least two, none of them null alone. */
export interface Union {
  readonly pointer: string;
  /** The list as it stands in the schema. */
  readonly value: object;
  readonly branches: readonly Conjunction[];
  /** Whether a reader lets objects pass whose tag no branch knows. */
  readonly isOpen: boolean;
}

export interface Said {
  readonly value: Json;
  readonly text: string;
}

/** A keyword, or a group of keywords that mean something together, which is compared only as a whole. */
export interface Opaque {
  readonly keyword: string;
  readonly pointer: string;
  /** The same text for the same meaning. */
  readonly text: string;
  /** What each of the keywords says, and the same as text. */
  readonly said: Readonly<Record<string, Said>>;
  /** The schemas in it, on which it turns. */
  readonly inside: readonly (JsonObject | boolean)[];
}

/**
 * The canonical form of a conjunction: a value fulfils it when it fulfils every `opaque` and is null and may be, or
 * is not null and fulfils the rest. However a schema was spelt, equal meaning should give an equal shape.
 */
export interface Shape {
  readonly nullable: boolean;
  readonly kinds: ReadonlySet<Kind>;
  /** All values possible, by canonical text, for a writer and for a reader (an open enum is none to a reader). */
  readonly written: ReadonlyMap<string, Json> | undefined;
  readonly read: ReadonlyMap<string, Json> | undefined;
  readonly isOpenEnum: boolean;
  readonly bounds: ReadonlyMap<BoundName, Bound>;
  readonly multiples: ReadonlySet<number>;
  readonly patterns: ReadonlySet<string>;
  readonly formats: ReadonlySet<string>;
  readonly unique: boolean;
  readonly required: ReadonlySet<string>;
  readonly objects: readonly ObjectPart[];
  /** Whether a writer has no members but those named here. */
  readonly isWhole: boolean;
  readonly arrays: readonly ArrayPart[];
  readonly unions: readonly Union[];
  readonly opaque: ReadonlyMap<string, Opaque>;
  readonly annotations: ReadonlyMap<string, Json>;
  /** Where each keyword stands, the outermost if in several places. */
  readonly places: ReadonlyMap<string, string>;
}
