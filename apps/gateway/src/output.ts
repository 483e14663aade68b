import { type Logger, pino, stdSerializers, stdTimeFunctions } from "pino";
import { createLineWriter } from "./line-writer.ts";

/** The log of a process. */
export interface Output {
  readonly log: Logger;
  flush(): void;
  /** Ends the process when the log is written, or cannot be. */
  exit(code: number): Promise<never>;
}

const stdout = 1;

/** JSON lines on stdout, each with what `base` says. When nobody takes them for a while, lines are left out and counted. */
export function openOutput(base: object, end: (code: number) => never): Output {
  const writer = createLineWriter({
    fd: stdout,
    // Written whole to a pipe, so that lines of several processes do not get into one another. It also stays in the
    // processor's cache: a line costs twice as much in blocks of 32 kB.
    blockBytes: 4_096,
    maxWaitingBytes: 1_048_576,
  });
  const log = pino(
    {
      base,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    },
    writer,
  );
  let told = 0;
  setInterval(() => {
    const dropped = writer.dropped();
    if (dropped > told) log.warn({ lines: dropped - told }, "log lines were left out");
    told = dropped;
    writer.flush();
  }, 500).unref();
  return {
    log,
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
