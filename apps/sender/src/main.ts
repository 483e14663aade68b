import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { listenProblem } from "@hooks/http-server";
import { pino } from "pino";
import { parseConfig } from "./config.ts";
import { type RunningApp, start } from "./start.ts";

const parsed = parseConfig(process.env, (path) => readFileSync(path, "utf8"));
if (!parsed.ok) fail(parsed.problems);

const { config } = parsed;
const log = pino({
  level: config.logLevel,
  base: { app: "sender" },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  serializers: { error: pino.stdSerializers.err },
});
process.on("uncaughtException", (error) => {
  log.fatal({ error }, "uncaught exception");
  process.exit(1);
});

const levels = { ok: "info", warning: "warn", unsafe: "error" } as const;
const adminKey = config.adminKey ?? makeKey();
const app = await start({
  config: { ...config, adminKey },
  workingFolder: process.cwd(),
  log,
  onFinding: ({ level, message }) => log[levels[level]](`self-check: ${message}`),
}).catch((error: unknown) => fail([listenProblem(error)]));
log.info(`listening on ${app.url}`);
endOn(["SIGTERM", "SIGINT"], app);

/** The second signal ends at once. */
function endOn(signals: readonly NodeJS.Signals[], running: RunningApp): void {
  for (const signal of signals) {
    process.once(signal, () => {
      log.info({ signal }, "stopping");
      running.stop().then(
        () => {
          log.info("stopped");
          process.exit(0);
        },
        (error: unknown) => {
          log.fatal({ error }, "could not stop in order");
          process.exit(1);
        },
      );
    });
  }
}

function makeKey(): string {
  const key = randomBytes(32).toString("base64url");
  process.stdout.write(`HOOKS_ADMIN_KEY is not set; for this start the API key is ${key}\n`);
  return key;
}

function fail(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`sender: ${problem}\n`);
  process.exit(1);
}
