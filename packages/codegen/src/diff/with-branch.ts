import { remember, type Memory } from "./remember.ts";
import type { Union } from "./shape.ts";
import type { Conjunction } from "./source.ts";

const chosen: Memory<Conjunction, Conjunction> = new WeakMap();

/** One branch of a union, together with all that stands beside the union. */
export function withBranch({ pointer, value }: Union, branch: Conjunction, beside: Conjunction): Conjunction {
  return remember(chosen, [branch, beside], () => [
    ...branch,
    { schema: true, pointer, settles: value },
    ...beside,
  ]);
}
