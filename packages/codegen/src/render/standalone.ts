import standalone from "ajv/dist/standalone/index.js";
import type { Ajv2020 } from "ajv/dist/2020.js";
import { createAjv } from "../compile.ts";
import type { Openness } from "../normalise/validator-schema.ts";
import type { Check } from "../runtime/row.ts";
import type { Pool } from "./pool.ts";

/** Compiles a pool; gives ajv's module, which exports every schema's function under the schema's name. */
export function compilePool(given: Pool, openness: Openness): string {
  const { schemas } = given;
  const ajv = compiledPool(given, openness);
  return standalone.default(ajv, Object.fromEntries([...schemas.keys()].map((name) => [name, name])));
}

/** Compiles a pool; gives the function of each contract's major, by module. */
export function checksOf(given: Pool, openness: Openness): ReadonlyMap<string, Check> {
  const ajv = compiledPool(given, openness);
  // What ajv compiles is a check: it answers, and keeps its errors on itself.
  return new Map([...given.entries].map(([module, name]) => [module, ajv.getSchema(name) as Check]));
}

function compiledPool({ schemas }: Pool, openness: Openness): Ajv2020 {
  const ajv = createAjv(openness, [...schemas.values()]);
  for (const [name, schema] of schemas) ajv.addSchema(schema, name);
  // Each is asked for by name: what ajv does not compile for itself, it compiles here.
  for (const name of schemas.keys()) ajv.getSchema(name);
  return ajv;
}
