import type { Bump, Verdict } from "../comparison.ts";

/** What a message may speak of. */
export interface Detail {
  /** The place in the payload, such as `order.lines[].price`. */
  readonly where: string;
  /** What was before and what is now, already worded. */
  readonly from?: string;
  readonly to?: string;
  /** The keyword concerned. */
  readonly keyword?: string;
}

/** `depends`: it is for the walk to say, from what stands around the change. */
export type Effect = Verdict | "depends";

/** The action of a change that asks nothing of anybody. */
export const nothingToDo = "Nothing to do.";

/** A kind of change. */
export interface Rule {
  /** What the change is. */
  readonly means: string;
  /** For a subscriber of the older version, sent events of the newer. */
  readonly subscriber: Effect;
  /** For a reader of the newer version, given events of the older. */
  readonly replay: Effect;
  /** What it does to handlers written in TypeScript against the older version. */
  readonly handlers: "same" | "additive" | "narrower" | "breaks";
  /** The bump when nothing on the wire breaks; a break is always major. */
  readonly bump: Bump;
  /** What happened: a whole sentence. */
  readonly message: (detail: Detail) => string;
  /** What whoever reads these events does about it: one sentence, true whatever the verdict. */
  readonly action: string;
}
