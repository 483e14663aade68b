import type { Json } from "../json.ts";
import { formats } from "../formats.ts";
import { boundedKinds, isWithin } from "./bounds.ts";
import { matches } from "./matches.ts";
import { kindOf, type Bound, type BoundName, type Kind, type Shape } from "./shape.ts";

/** What a schema asks of texts and numbers. */
type Limits = Pick<Shape, "bounds" | "multiples" | "patterns" | "formats">;

/** Whether a text or a number is as limits ask; of any other value they ask nothing here. */
export function fulfils(limits: Limits, value: Json): boolean {
  if (typeof value === "number")
    return (
      isInBounds(limits, kindOf(value), value) &&
      [...limits.multiples].every((step) => isMultiple(value, step))
    );
  if (typeof value !== "string") return true;
  return (
    isInBounds(limits, "string", [...value].length) &&
    [...limits.patterns].every((pattern) => matches(pattern, value)) &&
    [...limits.formats].every((format) => !Object.hasOwn(formats, format) || formats[format]?.(value))
  );
}

/** As validators compute it: the quotient is written out, so that one too large for that is none. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  return quotient === Number.parseInt(String(quotient), 10);
}

function isInBounds({ bounds }: Limits, kind: Kind, size: number): boolean {
  return [...bounds].every(
    ([name, bound]: readonly [BoundName, Bound]) =>
      !boundedKinds[name].includes(kind) || isWithin(name, size, bound),
  );
}
