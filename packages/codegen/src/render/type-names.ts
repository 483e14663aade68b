import { objectAt, type JsonObject } from "../json.ts";
import { refusal } from "../problem.ts";
import type { Contract, Major } from "../project.ts";
import { pascalCase } from "./files.ts";
import { meanings } from "../normalise/meanings.ts";

/** A definition with the name its type gets; equal definitions of several contracts share one. */
export interface NamedDefinition {
  readonly name: string;
  readonly schema: JsonObject;
  readonly typeOf: (definition: string) => string;
}

/** Types that every generated package has beside those of its contracts. */
const reserved = new Set(["Event", "EventMap", "EventOf", "EventType", "EventVersions", "Major"]);

/** What json-schema-to-typescript is given to write all types at once; it writes it too. */
export const allTypes = "EveryTypeOfThisPackage";

/** The type of a major's `data`: `InvoicePaid`, or `InvoicePaidV2` where there are several majors. */
export function dataTypeName({ type, majors }: Pick<Contract, "type" | "majors">, major: number): string {
  const name = pascalCase(type);
  if (majors.length > 1) return `${name}V${major}`;
  return isReserved(name) ? `${name}Data` : name;
}

/**
 * Names every type of every contract. A definition keeps its own name as long as all contracts mean the same by it;
 * the newest majors choose first, and what differs is called after its contract. Throws `ContractsError` when the
 * types of two contracts would have one name.
 */
export function nameDefinitions(contracts: readonly Contract[]): readonly NamedDefinition[] {
  const taken = dataNames(contracts);
  const named = new Map<string, NamedDefinition>();
  for (const { contract, major } of newestFirst(contracts)) {
    const own = dataTypeName(contract, major.major);
    const definitions = objectAt(major.schema, "$defs");
    const names = new Map<string, string>();
    for (const [definition, meaning] of meanings(definitions)) {
      const name = freeName({ definition, own, meaning }, taken);
      taken.set(name, meaning);
      names.set(definition, name);
    }
    const typeOf = (definition: string) => names.get(definition) ?? pascalCase(definition);
    const { $defs: _definitions, ...schema } = major.schema;
    named.set(own, { name: own, schema, typeOf });
    for (const [definition, name] of names)
      named.set(name, { name, schema: objectAt(definitions, definition), typeOf });
  }
  return [...named.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

interface Wanted {
  readonly definition: string;
  readonly own: string;
  readonly meaning: string;
}

function freeName({ definition, own, meaning }: Wanted, taken: ReadonlyMap<string, string>): string {
  const plain = pascalCase(definition);
  const candidates = [plain, own + plain, `${own}${plain}_${meaning.slice(0, 6)}`];
  const isFree = (name: string) => !isReserved(name) && (taken.get(name) ?? meaning) === meaning;
  return candidates.find(isFree) ?? `${own}${plain}_${meaning}`;
}

function dataNames(contracts: readonly Contract[]): Map<string, string> {
  const owners = new Map<string, Contract>();
  for (const contract of contracts)
    for (const { major, file } of contract.majors) {
      const name = dataTypeName(contract, major);
      const other = owners.get(name);
      if (other !== undefined) {
        const message = `The types of ${other.type} and ${contract.type} would both be called ${name}.`;
        throw refusal({ code: "type_name_conflict", file, message });
      }
      owners.set(name, contract);
    }
  return new Map([...owners.keys()].map((name) => [name, "data"]));
}

function isReserved(name: string): boolean {
  return reserved.has(name) || name === allTypes;
}

function newestFirst(
  contracts: readonly Contract[],
): readonly { readonly contract: Contract; readonly major: Major }[] {
  const all = contracts.flatMap((contract) =>
    contract.majors.map((major, age) => ({ contract, major, age })),
  );
  return all.toSorted((a, b) => a.age - b.age);
}
