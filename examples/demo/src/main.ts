import { parseArgs } from "node:util";
import { createCleanup } from "./cleanup.ts";
import { runDemo } from "./demo.ts";
import { createScreen } from "./screen.ts";

const usage = `Usage: npm start [-- --once]

Starts a sender, a gateway and a consumer on this machine and sends events through them until Ctrl-C.

  --once   end after the summary: with 0 when every event arrived exactly once, with 1 otherwise
  --help   show this
`;

const { once, help } = readOptions();
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}

const screen = createScreen(process.stdout);
const cleanup = createCleanup();

let isEnding = false;
/** Ends everything that was started, and then this process. The first reason counts. */
const end = (code: number, lines: readonly string[] = []): void => {
  if (isEnding) return;
  isEnding = true;
  for (const line of lines) screen.fail(line);
  void cleanup.run().then(() => process.exit(code));
};
process.on("uncaughtException", (error) => end(1, ["", `The demo failed: ${error.stack ?? error.message}`]));
// Whoever read the output has gone, and nothing can be said any more.
process.stdout.on("error", () => end(1));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (isEnding) return;
    screen.say("\nStopping sender, gateway and consumer …");
    // Without the verdict nobody can say that every event has arrived.
    end(once ? 1 : 0);
  });
}

const isGood = await runDemo({
  screen,
  cleanup,
  once,
  onDeath: ({ name, how, log }) => {
    end(1, ["", `The ${name} has ended by itself (${how}). The end of its log:`, ...log]);
  },
});
end(isGood ? 0 : 1);

function readOptions(): { readonly once: boolean; readonly help: boolean } {
  try {
    const options = {
      once: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    } as const;
    return parseArgs({ options, strict: true }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}
