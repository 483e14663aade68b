import { sha256 } from "./hmac.ts";
import type { Answer, Matches, Step } from "./steps.ts";

/** Does steps on `node:crypto`, at once. */
export function take(matchers: readonly Matches<boolean>[]): (step: Step) => Answer {
  return (step) => {
    switch (step.kind) {
      case "match":
        return matchers[step.key]?.(step.message, step.signatures) ?? false;
      case "sha256":
        return sha256(step.bytes);
    }
  };
}
