import { createJsonLog } from "./json-log.ts";
import { createLineWriter } from "./line-writer.ts";
import type { Log } from "./log.ts";

/** The log of a process. */
export interface Output {
  readonly log: Log;
  /** Says that no other process writes to stdout: lines then go out in larger blocks. */
  own(): void;
  flush(): void;
  /** Ends the process when the log is written, or cannot be. */
  exit(code: number): Promise<never>;
}

const stdout = 1;

/** Written whole to a pipe, so that lines of several processes do not get into one another. */
const sharedBlockBytes = 4_096;

/** Every block wakes a thread, which costs as much as twenty of its lines. */
const ownBlockBytes = 65_536;

/** JSON lines on stdout, each with what `base` says. When nobody takes them for a while, lines are left out and counted. */
export function openOutput(base: object, end: (code: number) => never): Output {
  const writer = createLineWriter({ fd: stdout, blockBytes: sharedBlockBytes, maxWaitingBytes: 1_048_576 });
  const log = createJsonLog({ base, write: writer.write, now: Date.now });
  let told = 0;
  setInterval(() => {
    const dropped = writer.dropped();
    if (dropped > told) log.warn({ lines: dropped - told }, "log lines were left out");
    told = dropped;
    writer.flush();
  }, 500).unref();
  return {
    log,
    own: () => writer.resize(ownBlockBytes),
    flush: writer.flush,
    exit: async (code) => {
      // Nobody may be reading any more.
      await within(1_000, writer.end());
      return end(code);
    },
  };
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, timeoutMs))]);
}
