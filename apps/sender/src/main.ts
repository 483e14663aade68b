import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { listenProblem } from "@hooks/http-server";
import { pino } from "pino";
import { parseConfig } from "./config.ts";
import { openStore } from "./open-store.ts";
import { rewrapAll } from "./rewrap.ts";
import { type RunningApp, start } from "./start.ts";

const usage = `Usage: sender            publish and deliver, with the management API at PORT
       sender rewrap     encrypt what is kept anew, under the first key of HOOKS_MASTER_KEY

The configuration is in the environment and in the YAML file that HOOKS_CONFIG names.
`;

const [command, ...rest] = process.argv.slice(2);
if (["--help", "-h", "help"].some((word) => process.argv.includes(word))) {
  process.stdout.write(usage);
  process.exit(0);
}
if (rest.length > 0 || (command !== undefined && command !== "rewrap"))
  fail(["expected no arguments, or rewrap; --help says what they do"], 2);

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

if (command === "rewrap") await rewrap();

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

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Encrypts what is kept under the first master key, beside senders that run. */
async function rewrap(): Promise<never> {
  const { masterKeys } = config;
  if (masterKeys === undefined) return fail(["HOOKS_MASTER_KEY: required to encrypt under"]);
  try {
    const store = openStore(config);
    // It may have to be migrated first.
    await store.selfCheck();
    const isWhole = await rewrapAll({ store, masterKeys, say });
    await store.close();
    process.exit(isWhole ? 0 : 1);
  } catch (error) {
    fail([error instanceof Error ? error.message : String(error)]);
  }
}

/** The second signal, whichever it is, ends at once. */
function endOn(signals: readonly NodeJS.Signals[], running: RunningApp): void {
  let isEnding = false;
  for (const signal of signals) {
    process.on(signal, () => {
      if (isEnding) process.exit(1);
      isEnding = true;
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

function fail(problems: readonly string[], code = 1): never {
  for (const problem of problems) process.stderr.write(`sender: ${problem}\n`);
  process.exit(code);
}
