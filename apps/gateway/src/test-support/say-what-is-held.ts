import { isMainThread } from "node:worker_threads";

/** Loaded into a program with `--expose-gc`: with SIGUSR2 it says how many bytes it holds that are not garbage. */
function sayWhatIsHeld(): void {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`held ${heapUsed + external}\n`);
}

if (isMainThread) process.on("SIGUSR2", sayWhatIsHeld);
