import type { ErrorObject, ValidateFunction } from "ajv";
import { createAjv } from "../../compile.ts";
import type { Json, JsonObject } from "../../json.ts";
import { validatorSchema, type Openness } from "../../normalise/validator-schema.ts";
import { directions, type Direction } from "../visit.ts";

/**
 * What became of a payload: it may not be sent, it is read, or it is refused at a place in it. One that a validator
 * cannot finish with shows nothing, like one that may not be sent.
 */
export type Trial = "invalid" | "read" | { readonly at: string; readonly missing: string | undefined };

/** Tries payloads of a writer on a reader. */
export interface Court {
  readonly writer: JsonObject;
  readonly reader: JsonObject;
  readonly try: (payload: Json) => Trial;
}

/**
 * Compiles the closed validator of one contract and the open one of the other, for a direction; nothing when either
 * cannot be compiled.
 */
export function courtOf(
  direction: Direction,
  { older, newer }: { readonly older: JsonObject; readonly newer: JsonObject },
): Court | undefined {
  const [writer, reader] = direction === directions[0] ? [newer, older] : [older, newer];
  try {
    const sends = quickly(writer, "closed");
    const reads = quickly(reader, "open");
    return {
      writer,
      reader,
      try: (payload) => {
        try {
          if (!sends(payload)) return "invalid";
          return reads(payload) ? "read" : refusal(reads.errors?.[0]);
        } catch {
          return "invalid";
        }
      },
    };
  } catch {
    return undefined;
  }
}

const compiled = new WeakMap<JsonObject, Partial<Record<Openness, ValidateFunction>>>();

/** As `compile` does it, but for a few hundred payloads: code that is not made smaller is made in half the time. */
function quickly(schema: JsonObject, openness: Openness): ValidateFunction {
  const known = compiled.get(schema) ?? {};
  const check = known[openness] ?? compileAnew(schema, openness);
  compiled.set(schema, { ...known, [openness]: check });
  return check;
}

function compileAnew(schema: JsonObject, openness: Openness): ValidateFunction {
  const prepared = validatorSchema(schema, openness);
  const ajv = createAjv(openness, [prepared]);
  ajv.opts.code = { ...ajv.opts.code, optimize: 0, source: false };
  ajv.opts.allErrors = false;
  return ajv.compile(prepared);
}

function refusal(error: ErrorObject | undefined): Trial {
  const params: { readonly missingProperty?: unknown } = error?.params ?? {};
  const missing = typeof params.missingProperty === "string" ? params.missingProperty : undefined;
  return { at: error?.instancePath ?? "", missing };
}
