import standalone from "ajv/dist/standalone/index.js";
import { createAjv } from "../compile.ts";
import type { Openness } from "../normalise/validator-schema.ts";
import type { Pool } from "./pool.ts";

/** Compiles a pool; gives ajv's module, which exports every schema's function under the schema's name. */
export function compilePool({ schemas }: Pool, openness: Openness): string {
  const ajv = createAjv(openness, [...schemas.values()]);
  for (const [name, schema] of schemas) ajv.addSchema(schema, name);
  // Each is asked for by name: what ajv does not compile for itself, it compiles here.
  for (const name of schemas.keys()) ajv.getSchema(name);
  return standalone.default(ajv, Object.fromEntries([...schemas.keys()].map((name) => [name, name])));
}
