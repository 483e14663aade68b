/** Whether the names of a group of `componentsOf` lead back to themselves. */
export function isCycle(group: readonly string[], targets: ReadonlyMap<string, readonly string[]>): boolean {
  const [first = "", ...others] = group;
  return others.length > 0 || targets.get(first)?.includes(first) === true;
}

interface Visit {
  readonly name: string;
  next: number;
}

/** Groups of names that lead to each other (Tarjan), those that lead nowhere else first; with a stack of its own. */
export function componentsOf(
  targets: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const groups: (readonly string[])[] = [];
  const enter = (name: string): Visit => {
    order.set(name, order.size);
    lowest.set(name, order.size - 1);
    open.push(name);
    isOpen.add(name);
    return { name, next: 0 };
  };
  const lower = (name: string, to: number | undefined) =>
    lowest.set(name, Math.min(lowest.get(name) ?? 0, to ?? 0));
  const leave = (name: string) => {
    if (lowest.get(name) !== order.get(name)) return;
    const group = open.splice(open.lastIndexOf(name));
    for (const one of group) isOpen.delete(one);
    groups.push(group);
  };
  for (const start of targets.keys()) {
    const visits = order.has(start) ? [] : [enter(start)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const target = targets.get(visit.name)?.[visit.next++];
      if (target === undefined) {
        visits.pop();
        leave(visit.name);
        const parent = visits.at(-1);
        if (parent !== undefined) lower(parent.name, lowest.get(visit.name));
      } else if (!order.has(target)) visits.push(enter(target));
      else if (isOpen.has(target)) lower(visit.name, order.get(target));
    }
  }
  return groups;
}
