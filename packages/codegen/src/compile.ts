import { _ } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isObject, objectAt, type JsonObject } from "./json.ts";
import { validatorSchema, type Openness } from "./normalise/validator-schema.ts";
import { descend } from "./schema.ts";
import { compilePattern } from "./pattern/pattern.ts";
import type { Check } from "./runtime/row.ts";
import { formats } from "./formats.ts";
import { validatorKeywords } from "./validator-keywords.ts";

/** A compiled contract. */
interface Compiled {
  readonly check: Check;
}

/** ajv writes the name into the code it generates. */
const regExp = Object.assign((source: string) => compilePattern(source), { code: "compilePattern" });

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
  const prepared = validatorSchema(schema, openness);
  // What ajv compiles is a check: it answers, and keeps its errors on itself.
  return { check: createAjv(openness, [prepared]).compile(prepared) as Check };
}

/** A compiler of what `validatorSchema` gives, with the settings all validators share and what these need. */
export function createAjv(openness: Openness, schemas: readonly JsonObject[]): Ajv2020 {
  const places = schemas.flatMap((schema) => descend(schema).map((place) => place.schema));
  const ajv = new Ajv2020({
    // The validator's schema has only keywords that it has been given.
    strict: false,
    strictNumbers: true,
    discriminator: true,
    ownProperties: places.some(namesInherited),
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
  // Both cost code in every validator. The constructor turns them on; the compiler asks for them when it compiles.
  ajv.opts.unevaluated = places.some(isUnevaluated);
  ajv.opts.dynamicRef = false;
  for (const definition of validatorKeywords)
    ajv.removeKeyword(String(definition.keyword)).addKeyword(definition);
  return ajv;
}

function isUnevaluated(schema: JsonObject): boolean {
  return schema["unevaluatedProperties"] !== undefined || schema["unevaluatedItems"] !== undefined;
}

/** A member called `constructor` is there in every object, unless one asks for its own members. */
function namesInherited(schema: JsonObject): boolean {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const dependent = ["properties", "dependentRequired", "dependentSchemas"].flatMap((keyword) =>
    Object.keys(objectAt(schema, keyword)),
  );
  const { discriminator } = schema;
  const tag = isObject(discriminator) ? [discriminator["propertyName"]] : [];
  return [...required, ...dependent, ...tag].some(
    (name) => typeof name === "string" && name in Object.prototype,
  );
}
