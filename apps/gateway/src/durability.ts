import { setTimeout as pause } from "node:timers/promises";
import { type Inbox, InboxUnavailable } from "@hooks/receiver";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";

export interface DurabilityOptions {
  readonly inbox: Inbox;
  readonly durability: Config["durability"];
  readonly log: Pick<Log, "error" | "info">;
  /** How often is looked while all is well. Default a minute. */
  readonly everyMs?: number;
}

/** Whether the inbox is still set up as it was looked at before the start. */
export interface Durability {
  /** The inbox, which accepts nothing that it may lose, unless the configuration says `durability: relaxed`. */
  readonly inbox: Inbox;
  /** Whether what the inbox takes now survives, as far as it is known. */
  isKept(): boolean;
  /** Whether the inbox accepts events, as far as that depends on how it is set up. */
  isAccepting(): boolean;
  /** Looks for the first time, and then again and again until `stop`. */
  start(): Promise<void>;
  stop(): void;
}

/** How long an event waits for what a look finds over a new connection. */
const patienceMs = 500;

/** How often is looked while something is amiss: what is mended must not wait for long. */
const soonMs = 1_000;

/**
 * Looks at the inbox again once in a while and whenever it was connected anew: its settings may have been changed, and
 * behind a failover is another server with settings of its own.
 */
export function watchDurability(options: DurabilityOptions): Durability {
  const { inbox, durability, log, everyMs = 60_000 } = options;
  const isStrict = durability === "strict";
  let wake = new AbortController();
  let connections = 0;
  let isStopped = false;
  /** Since it was connected the last time. */
  let isChecked = false;
  let looked = Promise.withResolvers<void>();
  /** What was found last. */
  let faults: readonly string[] | undefined;
  const isKept = () => faults?.length === 0;

  const look = async () => {
    const { signal } = wake;
    // That it is away is told by the relay and by every request.
    const findings = await inbox.selfCheck().catch(() => undefined);
    if (findings === undefined || signal.aborted) return;
    const found = findings.flatMap(({ level, message }) => (level === "unsafe" ? [message] : []));
    // What it was started in spite of has been logged before.
    const known = faults ?? (isStrict ? [] : found);
    for (const message of found) if (!known.includes(message)) log.error({}, `self-check: ${message}`);
    if (found.length === 0 && known.length > 0) log.info({}, "self-check: the inbox is safe again");
    isChecked = true;
    faults = found;
    looked.resolve();
  };
  const watch = async () => {
    for (;;) {
      const restMs = isChecked && isKept() ? everyMs : soonMs;
      await pause(restMs, undefined, { signal: wake.signal, ref: false }).catch(() => {});
      if (isStopped) return;
      wake = new AbortController();
      await look();
    }
  };
  const check = async () => {
    if (!isStrict) return;
    if (!isChecked) await Promise.race([looked.promise, pause(patienceMs, undefined, { ref: false })]);
    if (!isChecked) throw new InboxUnavailable("The inbox was connected anew and has to be looked at first");
    if (isKept()) return;
    const message = `The inbox may lose events: ${faults?.join("; ")}`;
    throw new InboxUnavailable(message, { code: "durability_unavailable" });
  };
  const keep = async <T>(store: () => Promise<T>): Promise<T> => {
    await check();
    const before = connections;
    const stored = await store();
    // It may be where nobody has looked yet.
    if (connections !== before) await check();
    return stored;
  };
  return {
    inbox: {
      ...inbox,
      accept: (event) => keep(() => inbox.accept(event)),
      acceptBatch: (events) => keep(() => inbox.acceptBatch(events)),
    },
    isKept,
    isAccepting: () => !isStrict || (isChecked && isKept()),
    start: async () => {
      inbox.onReconnect?.(() => {
        connections += 1;
        isChecked = false;
        looked = Promise.withResolvers();
        wake.abort();
      });
      await look();
      void watch();
    },
    stop: () => {
      isStopped = true;
      wake.abort();
    },
  };
}
