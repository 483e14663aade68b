import { elementAt } from "../elements.ts";
import type { Shape } from "../shape.ts";
import type { Visit } from "../visit.ts";

/** Compares the elements of arrays, place by place as far as either side tells places apart, then all others. */
export function compareElements(visit: Visit): void {
  const { older, newer, site, descend } = visit;
  if (!older.kinds.has("array") || !newer.kinds.has("array")) return;
  const told = Math.max(
    ...[older, newer].flatMap(({ arrays }) => arrays.map(({ prefix }) => prefix.length)),
    0,
  );
  const most = Math.min(mostItems(older), mostItems(newer));
  for (let index = 0; index <= told && index < most; index++) {
    const pair = { older: elementAt(older, index), newer: elementAt(newer, index) };
    const [before, after] = [pair.older[0]?.pointer ?? site.older, pair.newer[0]?.pointer ?? site.newer];
    descend({
      ...pair,
      site: {
        ...(before === undefined ? {} : { older: before }),
        ...(after === undefined ? {} : { newer: after }),
      },
    });
  }
}

function mostItems({ bounds }: Shape): number {
  return bounds.get("items.max")?.value ?? Number.POSITIVE_INFINITY;
}
