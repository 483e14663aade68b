import { destination, type Logger, pino, stdSerializers, stdTimeFunctions } from "pino";

/** The log of a process. */
export interface Output {
  readonly log: Logger;
  flush(): void;
  /** Ends the process when the log is written, or cannot be. */
  exit(code: number): Promise<never>;
}

/** JSON lines on stdout, each with what `base` says. */
export function openOutput(base: object, end: (code: number) => never): Output {
  // Lines are written in blocks: a write per request would cost more than verifying it. What is no longer than a pipe's
  // buffer is written whole, so that lines of several processes do not get into one another.
  const output = destination({ sync: false, minLength: 2_048, maxWrite: 4_096 });
  setInterval(() => output.flush(), 500).unref();
  const log = pino(
    {
      base,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    },
    output,
  );
  return {
    log,
    flush: () => output.flush(),
    // `flushSync` would try for ever once whoever read the log has gone.
    exit: async (code) => {
      await new Promise<unknown>((resolve) => {
        setTimeout(resolve, 1_000);
        output.once("error", resolve);
        output.flush(resolve);
      });
      // What could not be written by now never will be, and pino's hook at the exit would try for ever.
      output.destroy();
      return end(code);
    },
  };
}
