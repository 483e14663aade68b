import { setTimeout as wait } from "node:timers/promises";
import { createVault, type Rewrapped, type Store } from "@hooks/sender";

export interface RewrapOptions {
  readonly store: Pick<Store, "rewrap">;
  readonly masterKeys: string;
  /** Gets a sentence now and then, and what to do at the end. */
  readonly say: (line: string) => void;
}

const BATCH = 200;
const SAY_EVERY = 20_000;
/** How long to wait for transactions that began before. */
const WAIT_MS = 1_000;

/** Seals all that is kept under the first key, and says which keys are not needed any more. False when something is left. */
export async function rewrapAll({ store, masterKeys, say }: RewrapOptions): Promise<boolean> {
  const [first = "", ...others] = createVault({ masterKeys }).keyIds;
  let sealed = 0;
  let unreadable = 0;
  let said = 0;
  let last: Rewrapped | undefined;
  while (last?.state !== "done") {
    if (last?.state === "waiting") {
      say("waiting for transactions that began before");
      await wait(WAIT_MS);
    }
    last = await store.rewrap({ limit: BATCH, after: last?.after });
    sealed += last.sealed;
    unreadable += last.unreadable;
    if (sealed >= said + SAY_EVERY) say(`${(said = sealed)} values so far`);
  }
  say(`${sealed} values were encrypted anew; all are under ${first} now`);
  const { inUse } = last;
  for (const id of inUse)
    say(
      `${id} is still in use: a process was started meanwhile that has it first; restart that one and run this again`,
    );
  if (unreadable > 0) say(`${unreadable} values could not be decrypted and were left as they are`);
  const removable = others.filter((id) => !inUse.includes(id));
  if (removable.length > 0)
    say(`not needed any more, and can be removed from HOOKS_MASTER_KEY: ${removable.join(", ")}`);
  return inUse.length === 0 && unreadable === 0;
}
