import type { Program, Unit } from "./program.ts";

/** A program's parts by who needs them, each part in the order of the program. */
export interface Split {
  /** What several modules need. */
  readonly shared: readonly Unit[];
  /** Module to what it alone needs. */
  readonly own: ReadonlyMap<string, readonly Unit[]>;
}

/** Gives every module (to the unit it starts from) what only it reaches; what nobody reaches is left out. */
export function splitProgram(program: Program, modules: ReadonlyMap<string, string>): Split {
  const owners = new Map<string, string[]>();
  for (const [module, start] of modules)
    for (const name of reach(program, start)) owners.set(name, [...(owners.get(name) ?? []), module]);
  const shared: Unit[] = [];
  const own = new Map([...modules.keys()].map((module): [string, Unit[]] => [module, []]));
  for (const unit of program.values()) {
    const [first, ...others] = owners.get(unit.name) ?? [];
    if (first === undefined) continue;
    (others.length === 0 ? own.get(first) : shared)?.push(unit);
  }
  return { shared, own };
}

function reach(program: Program, start: string): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const name of reached) for (const next of program.get(name)?.uses ?? []) reached.add(next);
  return reached;
}
