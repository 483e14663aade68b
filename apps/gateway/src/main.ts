import { readFileSync } from "node:fs";
import { listenProblem } from "@hooks/http-server";
import { pino } from "pino";
import { loadConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { MissingPackage } from "./open-destination.ts";
import { selfCheck } from "./self-check.ts";

const loaded = loadConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
if (!loaded.ok) {
  for (const { path, message } of loaded.problems) complain(`${path}: ${message}`);
  process.exit(1);
}
const { config } = loaded;

// Lines are written in blocks: a write per request would cost more than verifying it.
const output = pino.destination({ sync: false, minLength: 4_096 });
setInterval(() => output.flush(), 500).unref();
const log = pino(
  {
    base: { app: "gateway" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
  },
  output,
);
/** Ends when the log is written, or cannot be: `flushSync` tries for ever once whoever read it has gone. */
const exit = async (code: number): Promise<never> => {
  await new Promise<unknown>((resolve) => {
    setTimeout(resolve, 1_000);
    output.once("error", resolve);
    output.flush(resolve);
  });
  // What could not be written by now never will be, and pino's hook at the exit would try for ever.
  output.destroy();
  return process.exit(code);
};
process.on("uncaughtException", (error) => {
  log.fatal({ error }, "uncaught exception");
  void exit(1);
});

const giveUp = (problem: string): Promise<never> => {
  complain(problem);
  return exit(1);
};
const gateway = await Promise.resolve({ config, log })
  .then(createGateway)
  .catch((error: unknown) =>
    giveUp(
      error instanceof MissingPackage ? error.message : `The inbox cannot be opened: ${listenProblem(error)}`,
    ),
  );
const check = await selfCheck({ config, inbox: gateway.inbox, nodeVersion: process.version });
const levels = { ok: "info", warning: "warn", unsafe: "error" } as const;
for (const { level, message } of check.findings) log[levels[level]](`self-check: ${message}`);
if (!check.mayStart) {
  await giveUp("The inbox may lose what it has acknowledged; set durability: relaxed to start anyway");
}

let stopping = false;
const stop = async (signal: NodeJS.Signals) => {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, "stopping");
  await gateway.stop();
  log.info("stopped");
  await exit(0);
};
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));

const port = await gateway.start().catch(async (error: unknown) => {
  await gateway.stop();
  return giveUp(listenProblem(error));
});
log.info(`listening on http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`);
output.flush();

function complain(problem: string): void {
  process.stderr.write(`gateway: ${problem}\n`);
}
