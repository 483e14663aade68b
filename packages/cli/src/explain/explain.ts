import type { ProviderVerification } from "@hooks/signing/providers";
import { tryAttempt, tryWhenever, type Attempt } from "./attempt.ts";
import { bodyHypotheses } from "./bodies.ts";
import { guessCause } from "./guess-cause.ts";
import { headerHypotheses, providerHypotheses, signatureHypotheses } from "./headers.ts";
import type { Cause, Hypothesis, Hypothesise } from "./hypothesis.ts";
import { secretHypotheses } from "./secrets.ts";
import { urlHypotheses } from "./urls.ts";

/** Why a request is refused. */
export interface Explanation {
  readonly cause: Cause;
  /** A second one, where two came together. */
  readonly also?: Cause;
  /** A sentence for each thing that is wrong. */
  readonly details: readonly string[];
  /** Whether the request is right once it is undone. If not, this is what is left when nothing that was tried helps. */
  readonly proven: boolean;
  /** How far the sender's clock is behind (positive) or ahead of ours. */
  readonly skewSeconds?: number;
}

type Refusal = Extract<ProviderVerification, { readonly ok: false }>;

/** Above this a body is changed in one way at a time. */
const maxPairedBytes = 64 * 1024;

/** Finds what is wrong by undoing one thing after the other until the request is right. */
export async function explain(attempt: Attempt, refusal: Refusal): Promise<Explanation> {
  const nothing = { cause: "clock_skew", detail: "", attempt } as const;
  const found = (await isRight(nothing)) ?? (await findOne(attempt)) ?? (await findPair(attempt));
  return found ?? guessCause(attempt, refusal);
}

const single: readonly Hypothesise[] = [
  secretHypotheses,
  bodyHypotheses,
  headerHypotheses,
  urlHypotheses,
  signatureHypotheses,
  providerHypotheses,
];

/** Two that happen together: each is undone with what the second leaves of it. */
const pairs: readonly (readonly [Hypothesise, Hypothesise])[] = [
  [secretHypotheses, bodyHypotheses],
  [headerHypotheses, bodyHypotheses],
  [urlHypotheses, bodyHypotheses],
  [headerHypotheses, secretHypotheses],
];

async function findOne(attempt: Attempt): Promise<Explanation | undefined> {
  for (const hypothesise of single)
    for (const hypothesis of hypothesise(attempt)) {
      const found = await isRight(hypothesis);
      if (found !== undefined) return found;
    }
  return undefined;
}

async function findPair(attempt: Attempt): Promise<Explanation | undefined> {
  if (attempt.body.length > maxPairedBytes) return undefined;
  for (const [outer, inner] of pairs)
    for (const first of outer(attempt))
      for (const second of inner(first.attempt)) {
        const found = await isRight(second);
        if (found !== undefined)
          return {
            ...found,
            cause: first.cause,
            also: found.cause,
            details: [first.detail, ...found.details],
          };
      }
  return undefined;
}

/** The explanation that a hypothesis gives when it makes the request right, apart perhaps from the clock. */
async function isRight({ cause, detail, attempt }: Hypothesis): Promise<Explanation | undefined> {
  const whenever = await tryWhenever(attempt);
  if (!whenever.ok) return undefined;
  const details = detail === "" ? [] : [detail];
  const inTime = await tryAttempt(attempt);
  if (inTime.ok) return { cause, details, proven: true };
  const { timestamp } = whenever.event;
  if (timestamp === undefined) return undefined;
  const skewSeconds = Math.floor((attempt.now?.getTime() ?? Date.now()) / 1000) - timestamp;
  return { cause, details: [...details, clockDetail(skewSeconds)], proven: true, skewSeconds };
}

function clockDetail(skewSeconds: number): string {
  const [amount, direction] = skewSeconds > 0 ? [skewSeconds, "ago"] : [-skewSeconds, "ahead"];
  return `The signature is right, but it was made ${amount} s ${direction}: a clock is wrong, or the request is old. --now TIME verifies it as of then.`;
}
