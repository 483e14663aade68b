import { readFileSync } from "node:fs";
import { pino } from "pino";
import { loadConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { selfCheck } from "./self-check.ts";

const loaded = loadConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
if (!loaded.ok) {
  for (const { path, message } of loaded.problems) process.stderr.write(`${path}: ${message}\n`);
  process.exit(1);
}
const { config } = loaded;

// Lines are written in blocks: a write per request would cost more than verifying it.
const output = pino.destination({ sync: false, minLength: 4_096 });
setInterval(() => output.flush(), 500).unref();
const log = pino({ base: { service: "gateway" } }, output);
/** Ends when the log is written, or cannot be: `flushSync` tries for ever once whoever read it has gone. */
const exit = async (code: number): Promise<never> => {
  await new Promise<unknown>((resolve) => {
    setTimeout(resolve, 1_000);
    output.once("error", resolve);
    output.flush(resolve);
  });
  return process.exit(code);
};
process.on("uncaughtException", (error) => {
  log.fatal({ error: error.stack }, "fault");
  void exit(1);
});

const gateway = createGateway({ config, log });
const check = await selfCheck({ config, inbox: gateway.inbox, nodeVersion: process.version });
const levels = { ok: "info", warning: "warn", unsafe: "error" } as const;
for (const { level, message } of check.findings) log[levels[level]](`self-check: ${message}`);
if (!check.mayStart) {
  log.fatal("The inbox is not safe: set it up as said above, or accept losses with durability: relaxed");
  await exit(1);
}

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  log.info("stopping");
  await gateway.stop();
  log.info("stopped");
  await exit(0);
};
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());

const port = await gateway.start();
log.info({ host: config.host, port }, `listening on http://${config.host}:${port}`);
output.flush();
