import type { JsonObject } from "../../json.ts";
import { wholeOf, type Conjunction } from "../source.ts";

/** A place in a contract. */
export interface Place {
  readonly root: JsonObject;
  readonly sources: Conjunction;
}

/** The contract as a place. */
export function wholePlace(root: JsonObject): Place {
  return { root, sources: wholeOf(root) };
}
