import type { ErrorObject } from "ajv";
import { compile } from "../../compile.ts";
import type { Json, JsonObject } from "../../json.ts";
import { directions, type Direction } from "../visit.ts";

/** What became of a payload: it may not be sent, it is read, or it is refused at a place in it. */
export type Trial = "invalid" | "read" | { readonly at: string; readonly missing: string | undefined };

/** Tries payloads of a writer on a reader. */
export interface Court {
  readonly writer: JsonObject;
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
    const sends = compile(writer, "closed").check;
    const reads = compile(reader, "open").check;
    return {
      writer,
      try: (payload) => {
        if (!sends(payload)) return "invalid";
        return reads(payload) ? "read" : refusal(reads.errors?.[0]);
      },
    };
  } catch {
    return undefined;
  }
}

function refusal(error: ErrorObject | undefined): Trial {
  const params: { readonly missingProperty?: unknown } = error?.params ?? {};
  const missing = typeof params.missingProperty === "string" ? params.missingProperty : undefined;
  return { at: error?.instancePath ?? "", missing };
}
