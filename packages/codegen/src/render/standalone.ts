import standalone from "ajv/dist/standalone/index.js";
import type { Ajv2020 } from "ajv/dist/2020.js";
import { createAjv } from "../compile.ts";
import type { Openness } from "../normalise/validator-schema.ts";
import type { Contract } from "../project.ts";
import type { Check } from "../runtime/row.ts";
import { pool, type Pool } from "./pool.ts";

/** A pool with the compiler that has compiled it. */
export interface CompiledPool extends Pool {
  readonly ajv: Ajv2020;
}

/** The linter, the renderer and the samples all want the same contracts compiled. */
const known = new WeakMap<readonly Contract[], Partial<Record<Openness, CompiledPool>>>();

/** Compiles all contracts together. Throws what ajv throws when one cannot be compiled. */
export function compileContracts(contracts: readonly Contract[], openness: Openness): CompiledPool {
  const before = known.get(contracts) ?? {};
  const result = before[openness] ?? compilePool(pool(contracts, openness), openness);
  known.set(contracts, { ...before, [openness]: result });
  return result;
}

export function compilePool({ schemas, entries }: Pool, openness: Openness): CompiledPool {
  const ajv = createAjv(openness, [...schemas.values()]);
  for (const [name, schema] of schemas) ajv.addSchema(schema, name);
  // Each is asked for by name: what ajv does not compile for itself, it compiles here.
  for (const name of schemas.keys()) ajv.getSchema(name);
  return { schemas, entries, ajv };
}

/** ajv's module of a pool, which exports every schema's function under the schema's name. */
export function standaloneCode({ ajv, schemas }: CompiledPool): string {
  return standalone.default(ajv, Object.fromEntries([...schemas.keys()].map((name) => [name, name])));
}

/** The function of each contract's major, by module. */
export function checksOf({ ajv, entries }: CompiledPool): ReadonlyMap<string, Check> {
  // What ajv compiles is a check: it answers, and keeps its errors on itself.
  return new Map([...entries].map(([module, name]) => [module, ajv.getSchema(name) as Check]));
}
