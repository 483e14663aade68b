import { canonicalJson, objectAt, type JsonObject } from "../json.ts";
import type { Contract, Major } from "../project.ts";
import { pascalCase } from "./files.ts";

/** A definition with the name its type gets; equal definitions of several contracts share one. */
export interface NamedDefinition {
  readonly name: string;
  readonly schema: JsonObject;
  readonly typeOf: (definition: string) => string;
}

/** The type of a major's `data`: `InvoicePaid`, or `InvoicePaidV2` where there are several majors. */
export function dataTypeName({ type, majors }: Pick<Contract, "type" | "majors">, major: number): string {
  return majors.length === 1 ? pascalCase(type) : `${pascalCase(type)}V${major}`;
}

/**
 * Names every type of every contract. A definition keeps its own name as long as all contracts mean the same by it;
 * the newest majors choose first, and what differs is called after its contract.
 */
export function nameDefinitions(contracts: readonly Contract[]): readonly NamedDefinition[] {
  const taken = new Map<string, string>();
  const named = new Map<string, NamedDefinition>();
  for (const contract of contracts)
    for (const { major } of contract.majors) taken.set(dataTypeName(contract, major), "data");
  for (const { contract, major } of newestFirst(contracts)) {
    const own = dataTypeName(contract, major.major);
    const definitions = objectAt(major.schema, "$defs");
    const names = new Map<string, string>();
    for (const definition of Object.keys(definitions)) {
      const meaning = canonicalJson(reachable(definition, definitions));
      const plain = pascalCase(definition);
      const isFree = !taken.has(plain) || taken.get(plain) === meaning;
      const name = isFree ? plain : own + plain;
      taken.set(name, meaning);
      names.set(definition, name);
    }
    const typeOf = (definition: string) => names.get(definition) ?? pascalCase(definition);
    named.set(own, { name: own, schema: major.schema, typeOf });
    for (const definition of Object.keys(definitions)) {
      const name = typeOf(definition);
      named.set(name, { name, schema: objectAt(definitions, definition), typeOf });
    }
  }
  return [...named.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function newestFirst(
  contracts: readonly Contract[],
): readonly { readonly contract: Contract; readonly major: Major }[] {
  const all = contracts.flatMap((contract) =>
    contract.majors.map((major, age) => ({ contract, major, age })),
  );
  return all.toSorted((a, b) => a.age - b.age);
}

/** A definition with all it refers to, however far: what it means. */
function reachable(definition: string, definitions: JsonObject): JsonObject {
  const seen = new Map<string, JsonObject>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    const schema = objectAt(definitions, name);
    seen.set(name, schema);
    for (const [, next] of JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([\w-]+)"/g))
      visit(next ?? "");
  };
  visit(definition);
  return Object.fromEntries(seen);
}
