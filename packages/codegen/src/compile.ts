import { Ajv, type ValidateFunction } from "ajv";
import { _ } from "ajv";
import type { JsonObject } from "./json.ts";
import { validatorSchema, type Openness } from "./normalise/validator-schema.ts";
import { formats } from "./runtime/formats.ts";
import { shortPattern } from "./runtime/short-pattern.ts";

/** A compiled contract and the compiler that knows its source code. */
export interface Compiled {
  readonly ajv: Ajv;
  readonly check: ValidateFunction;
}

/** ajv writes the name into the code it generates. */
const regExp = Object.assign((source: string) => shortPattern(source), { code: "shortPattern" });

/** A contract is compiled once, though the linter, the renderer and the loader all want it. */
const compiled = new WeakMap<JsonObject, Partial<Record<Openness, Compiled>>>();

/**
 * Compiles a bundled contract. The closed validator reports every fault, the open one stops at the first: it stands
 * in front of strangers. Throws what ajv throws when the schema cannot be compiled.
 */
export function compile(schema: JsonObject, openness: Openness): Compiled {
  const known = compiled.get(schema) ?? {};
  const result = known[openness] ?? compileAnew(schema, openness);
  compiled.set(schema, { ...known, [openness]: result });
  return result;
}

function compileAnew(schema: JsonObject, openness: Openness): Compiled {
  const ajv = createAjv(openness);
  return { ajv, check: ajv.compile(validatorSchema(schema, openness)) };
}

/** A compiler of what `validatorSchema` gives, with the settings all validators share. */
export function createAjv(openness: Openness): Ajv {
  return new Ajv({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    discriminator: true,
    allErrors: openness === "closed",
    messages: false,
    // One function per definition: a third of the code, and the same speed.
    inlineRefs: false,
    loopEnum: Number.POSITIVE_INFINITY,
    logger: false,
    // The linter has seen the schema; compiling the schema of schemas for each would take nine tenths of the time.
    meta: false,
    validateSchema: false,
    code: { source: true, esm: true, formats: _`formats`, regExp },
    formats: { ...formats },
  });
}
