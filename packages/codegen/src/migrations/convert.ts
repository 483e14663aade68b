import { transformSync } from "oxc-transform";
import { Worker } from "node:worker_threads";

/** One payload for a converter. */
export interface Conversion {
  readonly direction: "down" | "up";
  readonly data: unknown;
}

/** What a converter made of a payload, or why it made nothing. */
export type Converted =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly reason: string };

/** `loaded: false`: the module itself is at fault. Where a conversion never ended, those after it are missing. */
export type Run =
  | { readonly loaded: false; readonly reason: string }
  | { readonly loaded: true; readonly results: readonly Converted[] };

export interface ConvertOptions {
  readonly file: string;
  /** TypeScript. */
  readonly text: string;
  readonly conversions: readonly Conversion[];
  /** For all of them together, and as long again for what comes before the first. */
  readonly timeoutMs: number;
}

/**
 * Runs the converters of a migration on payloads, in a thread of its own: what they print is not shown, an endless loop
 * is ended, and they see nothing of the environment. It is no sandbox: whoever wrote the migration is trusted.
 */
export async function convert({ file, text, conversions, timeoutMs }: ConvertOptions): Promise<Run> {
  const { code, errors } = transformSync(file, text, { lang: "ts", sourceType: "module" });
  const [error] = errors;
  if (error !== undefined) return { loaded: false, reason: error.message };
  return run(urlOf(code), conversions, timeoutMs);
}

type Message = { readonly kind: "unloaded"; readonly reason: string } | { readonly kind: "loaded" } | Done;

interface Done {
  readonly kind: "done";
  readonly result: Converted;
}

function run(module: string, conversions: readonly Conversion[], timeoutMs: number): Promise<Run> {
  const worker = new Worker(new URL(urlOf(program)), {
    workerData: { module, conversions },
    stdout: true,
    stderr: true,
    env: {},
    execArgv: [],
  });
  const results: Converted[] = [];
  let state: "starting" | "loaded" = "starting";
  return new Promise((resolve) => {
    const end = (run: Run) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(run);
    };
    const stop = (reason: string) =>
      end(
        state === "starting"
          ? { loaded: false, reason }
          : { loaded: true, results: [...results, { ok: false, reason }] },
      );
    const late = () => stop(`It has not come to an end within ${timeoutMs / 1_000} s.`);
    let timer = setTimeout(late, timeoutMs);
    worker.on("message", (message: Message) => {
      if (message.kind === "unloaded") return end({ loaded: false, reason: message.reason });
      if (message.kind === "loaded") {
        state = "loaded";
        clearTimeout(timer);
        timer = setTimeout(late, timeoutMs);
      } else results.push(message.result);
      if (results.length === conversions.length && state === "loaded") end({ loaded: true, results });
    });
    worker.on("error", (error) => stop(String(error)));
    worker.on("exit", () => stop("It has ended the process."));
  });
}

function urlOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** What the thread does. A result that cannot be sent here is none that could be sent to anybody. */
const program = `
import { parentPort, workerData } from "node:worker_threads";
const { module, conversions } = workerData;
const loaded = await import(module).catch((error) => ({ error }));
const isWhole = typeof loaded.down === "function" && typeof loaded.up === "function";
if (loaded.error !== undefined) parentPort.postMessage({ kind: "unloaded", reason: String(loaded.error) });
else if (!isWhole) parentPort.postMessage({ kind: "unloaded", reason: "It does not export the functions down and up." });
else {
  parentPort.postMessage({ kind: "loaded" });
  for (const { direction, data } of conversions) {
    try {
      parentPort.postMessage({ kind: "done", result: { ok: true, data: loaded[direction](data) } });
    } catch (error) {
      parentPort.postMessage({ kind: "done", result: { ok: false, reason: "It throws " + String(error) + "." } });
    }
  }
}
`;
