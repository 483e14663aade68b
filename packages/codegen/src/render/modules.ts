import { isCheck, type Unit } from "./program.ts";
import { runtimeSymbols } from "./runtime-symbols.ts";

interface ModuleOptions {
  /** Whether others import what the module has. */
  readonly exported: boolean;
  /** What may be imported from `shared.ts`. */
  readonly shared: readonly Unit[];
}

/** The imports and constants of a module of validators; what functions need comes before them. */
export function renderUnits(units: readonly Unit[], { exported, shared }: ModuleOptions): string {
  const used = new Set(units.flatMap(({ uses }) => [...uses]));
  const fromShared = shared.filter(({ name }) => used.has(name)).map(({ name }) => name);
  const lines = [
    "// @ts-nocheck",
    `import type { ${exported ? "Part" : "Part, Row"} } from "../runtime/row.ts";`,
    ...importsFrom("./shared.ts", fromShared),
    ...runtimeImports(units),
    "",
    ...[...units.filter((unit) => !isCheck(unit)), ...units.filter(isCheck)].map((unit) =>
      renderUnit(unit, exported),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function renderUnit(unit: Unit, exported: boolean): string {
  const type = isCheck(unit) ? ": Part" : "";
  return `${exported ? "export " : ""}const ${unit.name}${type} = ${unit.value};${unit.after}`;
}

function runtimeImports(units: readonly Unit[]): readonly string[] {
  const symbols = new Set(units.flatMap(({ imports }) => [...imports]));
  const files = [...new Set(runtimeSymbols.values())];
  return files.flatMap((file) => {
    const names = [...symbols].filter((symbol) => runtimeSymbols.get(symbol) === file);
    return importsFrom(`../runtime/${file}.ts`, names);
  });
}

function importsFrom(file: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`import { ${names.toSorted().join(", ")} } from "${file}";`];
}
