import type { Inbox } from "@hooks/receiver";
import type { Log } from "./log.ts";

export interface TellLeftOptions {
  readonly inbox: Pick<Inbox, "depth">;
  readonly log: Pick<Log, "warn">;
  /** The sources of both configurations. */
  readonly before: object;
  readonly after: object;
}

/** Says what of sources that are no longer configured waits in the inbox. Never rejects. */
export async function tellLeft({ inbox, log, before, after }: TellLeftOptions): Promise<void> {
  for (const source of Object.keys(before)) {
    if (Object.hasOwn(after, source)) continue;
    const depth = await inbox.depth(source).catch(() => undefined);
    // Thousands of them must not be asked about in vain, one after the other.
    if (depth === undefined) return;
    if (depth.waiting > 0)
      log.warn(
        { source, waiting: depth.waiting },
        "events of a removed source wait until it is configured again",
      );
  }
}
