import type { Json, JsonObject } from "../json.ts";

/** What becomes of a reader: it goes on reading, or a payload exists that it refuses. */
export type Verdict = "ok" | "breaking";

/** How far a version has to move, least first. */
export const bumps = ["none", "patch", "minor", "major"] as const;

export type Bump = (typeof bumps)[number];

/** The greatest of some bumps; `none` of none. */
export function greatestBump(all: readonly Bump[]): Bump {
  return bumps[Math.max(0, ...all.map((bump) => bumps.indexOf(bump)))] ?? "none";
}

/**
 * What a verdict rests on: nothing had to be shown (`none`: ok by its rule), a payload shows the break
 * (`counterexample`), or neither a payload nor a proof of harmlessness was found (`unproven`).
 */
export type Proof = "none" | "counterexample" | "unproven";

/** A payload that the writer's closed validator accepts and the reader's open one refuses. */
export interface Counterexample {
  /** `subscriber`: written by the newer contract, read by the older. `replay`: the other way round. */
  readonly direction: "subscriber" | "replay";
  readonly data: Json;
}

/** One difference between two versions of a contract. */
export interface Change {
  /** Id of a row of the rule table, such as `PROP_ADDED_OPTIONAL`. */
  readonly rule: string;
  /**
   * JSON Pointer into the newer schema; into the older one where only that has the place. Wherever the path meets a
   * `$ref` it goes on in what that refers to, so a pointer tells where in the payload the change is felt.
   */
  readonly pointer: string;
  /** Whether a subscriber of the older contract can read what the newer one allows to be sent. */
  readonly subscriber: Verdict;
  /** Whether a reader of the newer contract can read what was sent under the older one. */
  readonly replay: Verdict;
  readonly bump: Bump;
  /** For a subscriber: what changed, in a sentence. */
  readonly message: string;
  /** For a subscriber: what to do about it, in a sentence. */
  readonly action: string;
  readonly proof: Proof;
  readonly counterexample?: Counterexample;
}

/** What a newer version of a contract means for those who know the older one. */
export interface Comparison {
  readonly changes: readonly Change[];
  readonly subscriber: Verdict;
  readonly replay: Verdict;
  readonly bump: Bump;
}

/** A released version of a contract; `schema` is bundled. */
export interface Release {
  readonly version: string;
  readonly schema: JsonObject;
}
