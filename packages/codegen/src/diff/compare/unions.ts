import type { JsonObject } from "../../json.ts";
import { isUnknownTo, matchBranches, mayMeet, readBranch, type Branch } from "../match-branches.ts";
import type { Union } from "../shape.ts";
import { partly, type Conjunction } from "../source.ts";
import { withBranch } from "../with-branch.ts";
import { verdict, type Pair, type Visit } from "../visit.ts";

/** The two documents, which branches are read in. */
export interface Roots {
  readonly older: JsonObject;
  readonly newer: JsonObject;
}

/**
 * Whether the alternatives are compared together with all that stands beside them: when there are none on one side,
 * or when both speak of members, for then only together they say which members there are.
 */
export function areWhole({ older, newer }: Visit): boolean {
  const [before, after] = [older.unions.length, newer.unions.length];
  const isBeside = older.objects.length + newer.objects.length > 0;
  return Math.max(before, after) === 1 && (before !== after || isBeside);
}

/** Compares alternatives: each new one must be readable as some old one, and the other way round. */
export function compareUnions(visit: Visit, roots: Roots): void {
  const { older, newer, pair, site, report } = visit;
  if (areWhole(visit)) {
    const [before] = older.unions;
    const [after] = newer.unions;
    const lists = {
      older:
        before === undefined
          ? [pair.older]
          : before.branches.map((branch) => withBranch(before, branch, pair.older)),
      newer:
        after === undefined
          ? [pair.newer]
          : after.branches.map((branch) => withBranch(after, branch, pair.newer)),
    };
    const open = { older: openTo(before, pair.older), newer: openTo(after, pair.newer) };
    new Branches(visit, roots, { lists, open }).compare();
    return;
  }
  const isPartly = Math.max(older.unions.length, newer.unions.length) > 1;
  const listed = ({ branches }: Union) =>
    isPartly ? branches.map((branch): Conjunction => [...branch, partly]) : branches;
  for (const [index, before] of older.unions.entries()) {
    const after = newer.unions[index];
    if (after === undefined) continue;
    const lists = { older: listed(before), newer: listed(after) };
    const open = { older: openTo(before, []), newer: openTo(after, []) };
    new Branches(visit, roots, { lists, open }).compare();
  }
  if (older.unions.length !== newer.unions.length) report({ rule: "UNION_CHANGED", site });
}

/** What an open union asks of a value that none of its branches knows: all that stands beside it. */
function openTo(union: Union | undefined, beside: Conjunction): Conjunction | undefined {
  return union?.isOpen === true
    ? [{ schema: true, pointer: union.pointer, settles: union.value }, ...beside]
    : undefined;
}

interface Sides<T> {
  readonly older: T;
  readonly newer: T;
}

interface Lists {
  readonly lists: Sides<readonly Conjunction[]>;
  readonly open: Sides<Conjunction | undefined>;
}

/** The comparison of two lists of branches. */
class Branches {
  readonly #visit: Visit;
  readonly #branches: Sides<readonly Branch[]>;
  readonly #open: Sides<Conjunction | undefined>;

  constructor(visit: Visit, roots: Roots, { lists, open }: Lists) {
    this.#visit = visit;
    this.#open = open;
    this.#branches = {
      older: lists.older.map((sources) => readBranch(roots.older, sources)),
      newer: lists.newer.map((sources) => readBranch(roots.newer, sources)),
    };
  }

  compare(): void {
    const { pairs, added, removed } = matchBranches(this.#branches.older, this.#branches.newer);
    for (const { older, newer } of pairs) {
      const attempt = this.#visit.attempt(pairOf(older, newer));
      const isCovered =
        attempt.breaks.size > 0 &&
        (!attempt.breaks.has("subscriber") || this.#isReadable(newer)) &&
        (!attempt.breaks.has("replay") || this.#isReplayable(older));
      if (isCovered) {
        this.#added(newer);
        this.#removed(older);
      } else attempt.commit();
    }
    for (const branch of added) this.#added(branch);
    for (const branch of removed) this.#removed(branch);
  }

  #added(branch: Branch): void {
    const pointer = branch.sources[0]?.pointer;
    const { site, report } = this.#visit;
    report({
      rule: "UNION_BRANCH_ADDED",
      site: { ...site, ...(pointer === undefined ? {} : { newer: pointer }) },
      ...(pointer === undefined ? {} : { pointer }),
      verdicts: { subscriber: verdict(this.#isReadable(branch)) },
      detail: { to: labelOf(branch) },
    });
  }

  #removed(branch: Branch): void {
    const pointer = branch.sources[0]?.pointer;
    const { site, report } = this.#visit;
    report({
      rule: "UNION_BRANCH_REMOVED",
      site: { ...site, ...(pointer === undefined ? {} : { older: pointer }) },
      ...(pointer === undefined ? {} : { pointer }),
      verdicts: { replay: verdict(this.#isReplayable(branch)) },
      detail: { from: labelOf(branch) },
    });
  }

  /** Whether a single older branch takes all that a newer one allows, or the older union lets it pass. */
  #isReadable(branch: Branch): boolean {
    const { includes } = this.#visit;
    const open = this.#open.older;
    const { older } = this.#branches;
    return (
      older.some((each) => mayMeet(each, branch) && includes(pairOf(each, branch), "subscriber")) ||
      (open !== undefined &&
        isUnknownTo(older, branch) &&
        includes({ older: open, newer: branch.sources, site: {} }, "subscriber"))
    );
  }

  #isReplayable(branch: Branch): boolean {
    const { includes } = this.#visit;
    const open = this.#open.newer;
    const { newer } = this.#branches;
    return (
      newer.some((each) => mayMeet(branch, each) && includes(pairOf(branch, each), "replay")) ||
      (open !== undefined &&
        isUnknownTo(newer, branch) &&
        includes({ older: branch.sources, newer: open, site: {} }, "replay"))
    );
  }
}

function pairOf(older: Branch, newer: Branch): Pair {
  const [before, after] = [older.sources[0]?.pointer, newer.sources[0]?.pointer];
  return {
    older: older.sources,
    newer: newer.sources,
    site: {
      ...(before === undefined ? {} : { older: before }),
      ...(after === undefined ? {} : { newer: after }),
    },
  };
}

function labelOf({ tags, name, shape }: Branch): string {
  const [tag] = tags;
  if (tag !== undefined) return `something with ${tag[0]} ${tag[1]}`;
  if (name !== undefined) return name.slice(name.lastIndexOf("/") + 1);
  return [...shape.kinds].join(" or ") || "an alternative";
}
