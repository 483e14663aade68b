import type { JsonObject } from "../json.ts";
import { compareAnnotations } from "./compare/annotations.ts";
import { compareElements } from "./compare/elements.ts";
import { compareLimits } from "./compare/limits.ts";
import { compareMembers } from "./compare/members.ts";
import { compareUnions, areWhole } from "./compare/unions.ts";
import { compareNull, compareValues } from "./compare/values.ts";
import { compareEntangled, compareWholes } from "./compare/wholes.ts";
import { shapeOf } from "./normalise.ts";
import { conjunctionKey, wholeOf } from "./source.ts";
import { verdictOf } from "./verdict-of.ts";
import { directions, type Attempt, type Direction, type Finding, type Pair, type Visit } from "./visit.ts";

/** Pairs compared and depth reached at most: what is beyond is told as such, and breaking. */
const maxPairs = 200_000;
const maxDepth = 200;

interface Roots {
  readonly older: JsonObject;
  readonly newer: JsonObject;
}

/** Shared by a walk and all it tries out. */
interface Shared {
  readonly roots: Roots;
  /** Pairs known to break a direction whatever else holds. */
  readonly refuted: Set<string>;
  pairs: number;
}

/**
 * Walks two contracts side by side and finds every difference. A pair met again is taken for compatible while it is
 * being compared: if it is not, that is found where it was met first. So recursion ends, and a definition used in many
 * places is told of once, at the first.
 */
export function walk(roots: Roots): readonly Finding[] {
  const root = new Walk({ roots, refuted: new Set(), pairs: 0 });
  root.compare({
    older: wholeOf(roots.older),
    newer: wholeOf(roots.newer),
    site: { older: "", newer: "" },
  });
  return root.findings;
}

class Walk {
  readonly findings: Finding[] = [];
  readonly #shared: Shared;
  readonly #parent: Walk | undefined;
  readonly #visited = new Set<string>();
  readonly #broken = new Set<Direction>();
  /** The only direction that matters: once it breaks there is nothing more to find out. */
  readonly #only: Direction | undefined;
  #depth: number;

  constructor(shared: Shared, parent?: Walk, only?: Direction) {
    this.#shared = shared;
    this.#parent = parent;
    this.#only = only;
    this.#depth = parent === undefined ? 0 : parent.#depth;
  }

  compare(pair: Pair): void {
    const key = keyOf(pair);
    if (this.#isSettled(key) || this.#hasVisited(key)) return;
    this.#visited.add(key);
    if (this.#shared.pairs >= maxPairs || this.#depth >= maxDepth) {
      this.#report({ rule: "COMPARISON_LIMIT", site: pair.site });
      return;
    }
    this.#shared.pairs += 1;
    this.#depth += 1;
    this.#compareShapes(pair);
    this.#depth -= 1;
  }

  #compareShapes(pair: Pair): void {
    const { roots } = this.#shared;
    const later: Pair[] = [];
    const visit: Visit = {
      older: shapeOf(roots.older, pair.older),
      newer: shapeOf(roots.newer, pair.newer),
      site: pair.site,
      pair,
      report: (finding) => this.#report(finding),
      // Where one break decides, it is looked for at this level first.
      descend: (inside) => (this.#only === undefined ? this.compare(inside) : void later.push(inside)),
      attempt: (inside) => this.#attempt(inside),
      includes: (inside, direction) => this.#includes(inside, direction),
    };
    compareAnnotations(visit);
    const before = this.findings.length;
    compareWholes(visit);
    if (areWhole(visit)) compareNull(visit);
    else {
      const covered = compareValues(visit);
      compareLimits(visit, covered);
      compareMembers(visit);
      compareElements(visit);
    }
    for (const inside of later.splice(0)) this.compare(inside);
    if (this.#only !== undefined && this.#broken.has(this.#only)) return;
    compareUnions(visit, roots);
    for (const inside of later.splice(0)) this.compare(inside);
    compareEntangled(visit, this.findings.length > before || visit.newer.unions.length > 0);
  }

  #attempt(pair: Pair): Attempt {
    const trial = new Walk(this.#shared, this);
    trial.compare(pair);
    return {
      breaks: trial.#broken,
      commit: () => {
        for (const finding of trial.findings) this.#report(finding);
        for (const key of trial.#visited) this.#visited.add(key);
      },
    };
  }

  #includes(pair: Pair, direction: Direction): boolean {
    const reader = direction === "subscriber" ? pair.older : pair.newer;
    if (reader.length === 0) return true;
    const key = `${direction} ${keyOf(pair)}`;
    if (this.#shared.refuted.has(key)) return false;
    const trial = new Walk(this.#shared, this, direction);
    trial.compare(pair);
    const isBroken = trial.#broken.has(direction);
    if (isBroken) this.#shared.refuted.add(key);
    return !isBroken;
  }

  #report(finding: Finding): void {
    this.findings.push(finding);
    for (const direction of directions)
      if (verdictOf(finding, direction) === "breaking") this.#broken.add(direction);
  }

  /** Whether the one direction that matters is known to break, by this pair or before. */
  #isSettled(key: string): boolean {
    if (this.#only === undefined) return false;
    if (this.#shared.refuted.has(`${this.#only} ${key}`)) this.#broken.add(this.#only);
    return this.#broken.has(this.#only);
  }

  #hasVisited(key: string): boolean {
    return this.#visited.has(key) || (this.#parent !== undefined && this.#parent.#hasVisited(key));
  }
}

function keyOf({ older, newer }: Pair): string {
  return `${conjunctionKey(older)} ${conjunctionKey(newer)}`;
}
