import type { Verdict } from "./comparison.ts";
import type { Detail } from "./rules/rule.ts";
import type { RuleId } from "./rules/rules.ts";
import type { Shape } from "./shape.ts";
import type { Conjunction } from "./source.ts";
import type { Json } from "../json.ts";

/** Who reads: a subscriber of the older contract (what the newer one writes), or a replay with the newer one. */
export type Direction = "subscriber" | "replay";

export const directions: readonly Direction[] = ["subscriber", "replay"];

/** Pointers to one place in both schemas; a side that does not have the place has none. */
export interface Site {
  readonly older?: string;
  readonly newer?: string;
}

/** A change as the walk finds it. */
export interface Finding {
  readonly rule: RuleId;
  /** The schemas whose values the change is about. */
  readonly site: Site;
  /** The keyword or place to show, when it is not the schema itself. */
  readonly pointer?: string;
  /** Needed where the rule says `depends`. */
  readonly verdicts?: Readonly<Partial<Record<Direction, Verdict>>>;
  readonly detail?: Omit<Detail, "where">;
  /** Values worth trying at the place when a counterexample is sought. */
  readonly probes?: readonly Json[];
  /** A member of the object at the site (or of the one around it) whose absence is worth trying. */
  readonly absent?: string;
}

/** A pair of schemas that stand at the same place of the two contracts. */
export interface Pair {
  readonly older: Conjunction;
  readonly newer: Conjunction;
  readonly site: Site;
}

/** The comparison of a pair that may still be given up. */
export interface Attempt {
  /** The directions that something found breaks. */
  readonly breaks: ReadonlySet<Direction>;
  /** Reports what was found, as if the walk had simply gone on. */
  readonly commit: () => void;
}

/** What the comparison of one pair works with. */
export interface Visit {
  readonly older: Shape;
  readonly newer: Shape;
  readonly site: Site;
  /** The conjunctions that gave the shapes. */
  readonly pair: Pair;
  readonly report: (finding: Finding) => void;
  /** Goes on with a pair inside this one. */
  readonly descend: (pair: Pair) => void;
  readonly attempt: (pair: Pair) => Attempt;
  /** Whether the walk finds nothing that breaks a direction, without reporting what it finds. */
  readonly includes: (pair: Pair, direction: Direction) => boolean;
}

export function verdict(isOk: boolean): Verdict {
  return isOk ? "ok" : "breaking";
}

/** The pointer of a keyword in the newer schema, or in the older one where only that has it. */
export function placeOf({ older, newer, site }: Visit, ...keywords: readonly string[]): string | undefined {
  for (const shape of [newer, older])
    for (const keyword of keywords) {
      const place = shape.places.get(keyword);
      if (place !== undefined) return place;
    }
  return site.newer ?? site.older;
}

/** The pointer of a finding, where it has one of its own. */
export function pointedAt(pointer: string | undefined): Pick<Finding, "pointer"> {
  return pointer === undefined ? {} : { pointer };
}
