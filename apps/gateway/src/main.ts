import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { listenProblem } from "@hooks/http-server";
import { type Inbox, InboxFileError, InboxUnavailable } from "@hooks/receiver";
import type { Config } from "./config.ts";
import { type ConfigSource, createConfigSource } from "./config-source.ts";
import { describeCauses } from "./describe-causes.ts";
import { createGateway } from "./gateway.ts";
import type { ToPrimary } from "./ipc.ts";
import { type Command, isCommand, runCommand } from "./log-command.ts";
import { isInMemory, openInbox } from "./open.ts";
import { openOutput } from "./output.ts";
import { createPrimary } from "./primary.ts";
import { createReloading } from "./reloading.ts";
import { selfCheck } from "./self-check.ts";
import { usage } from "./usage.ts";
import { runWorker } from "./worker.ts";

const base = { app: "gateway", ...(cluster.worker === undefined ? {} : { worker: cluster.worker.id }) };
const { log, own, flush, exit } = openOutput(base, (code) => process.exit(code));
process.on("uncaughtException", (error) => {
  log.error({ error: error.stack ?? error.message }, "uncaught exception");
  void exit(1);
});

const [command, ...commandArgs] = process.argv.slice(2);
if (cluster.isWorker) beWorker();
else if (command === "help" || process.argv.includes("--help") || process.argv.includes("-h")) print(usage);
else if (isCommand(command)) await lookIntoInbox(command, commandArgs);
else await begin();

/** What both the gateway in one process and that of several are to whoever runs it. */
interface Running {
  start(): Promise<number>;
  reload(config: Config, sinceMs: number): Promise<void>;
  stop(): Promise<void>;
}

async function begin(): Promise<void> {
  const source = createConfigSource(process.env);
  // Before the file is read, as when it is read again.
  const sinceMs = Date.now();
  const config = loadOrExit(source);
  const workers = readWorkers(config);
  if (workers > 1 && isInMemory(config.inboxUrl))
    await giveUp("An inbox in memory (INBOX_URL) is for one worker: each would have one of its own");
  if (workers === 1) own();
  await check(config);
  const running: Running =
    workers > 1
      ? createPrimary({ config, sinceMs, workers, log })
      : await createGateway({ config, sinceMs, log }).catch((error: unknown) => giveUp(listenProblem(error)));
  onSignals(() => running.stop());
  const starting = running.start();
  const apply = async (next: Config, nextSinceMs: number) => {
    await starting;
    await running.reload(next, nextSinceMs);
  };
  const reload = createReloading({ source, log, apply });
  process.on("SIGHUP", () => void reload());
  source.watch(() => void reload());
  const port = await starting.catch(async (error: unknown) => {
    await running.stop();
    return giveUp(listenProblem(error));
  });
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  log.info({ workers }, `listening on http://${host}:${port}`);
  flush();
}

function loadOrExit(source: ConfigSource): Config {
  const loaded = source.load();
  if (loaded.ok) return loaded.config;
  for (const { path, message } of loaded.problems) complain(`${path}: ${message}`);
  return process.exit(1);
}

/** `events` and `replay`, beside a gateway that runs or does not. */
async function lookIntoInbox(name: Command, args: readonly string[]): Promise<void> {
  const config = loadOrExit(createConfigSource(process.env));
  if (isInMemory(config.inboxUrl))
    await giveUp(
      "An inbox in memory (INBOX_URL) is known to its gateway only: nothing is found in another process",
    );
  const inbox = await openOrGiveUp(config);
  const context = { config, inbox, nowMs: Date.now(), print, complain };
  // Waits for the connection; what it finds is for the start of the gateway.
  process.exitCode = await inbox
    .selfCheck()
    .then(() => runCommand(name, args, context))
    .catch((error: unknown) => {
      complain(`The inbox cannot be read (INBOX_URL): ${describeCauses(error)}`);
      return 1;
    });
  await inbox.close();
}

/** `--workers N|auto`, or what the configuration says. */
function readWorkers(config: Config): number {
  let given: string | number = config.workers;
  try {
    given = parseArgs({ options: { workers: { type: "string" } } }).values.workers ?? given;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    complain("--help says what it takes");
    process.exit(2);
  }
  const workers = given === "auto" ? availableParallelism() : Number(given);
  if (Number.isInteger(workers) && workers >= 1 && workers <= 64) return workers;
  complain(`--workers: expected a number from 1 to 64, or auto, got ${given}`);
  return process.exit(2);
}

async function check(config: Config): Promise<void> {
  const inbox = await openOrGiveUp(config);
  const { findings, mayStart, isReached } = await selfCheck({ config, inbox, nodeVersion: process.version });
  await inbox.close();
  const levels = { ok: "info", warning: "warn", unsafe: "error" } as const;
  for (const { level, message } of findings) log[levels[level]]({}, `self-check: ${message}`);
  if (!mayStart) {
    const reason = isReached
      ? "The inbox may lose what it has acknowledged"
      : "The inbox cannot be reached (INBOX_URL)";
    await giveUp(`${reason}; set durability: relaxed to start anyway`);
  }
}

function openOrGiveUp(config: Config): Promise<Inbox> {
  return Promise.resolve(config)
    .then(openInbox)
    .catch((error: unknown) => giveUp(`The inbox cannot be opened (INBOX_URL): ${openProblem(error)}`));
}

function openProblem(error: unknown): string {
  if (error instanceof InboxFileError) return `${error.code}: ${error.message}`;
  if (error instanceof InboxUnavailable) return `${error.code}: ${describeCauses(error.cause)}`;
  return String(describeCauses(error));
}

function sendToPrimary(message: ToPrimary, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}

function beWorker(): void {
  const stop = runWorker({
    log,
    primary: {
      send: sendToPrimary,
      onMessage: (listener) => process.on("message", listener),
    },
    fail: (error) => sendToPrimary({ kind: "failed", problem: listenProblem(error) }, () => void exit(1)),
  });
  // Signals go to all processes of a terminal; the primary process passes on what is meant.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("SIGTERM", () => void stop().then(() => exit(0)));
}

function onSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const end = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    await stop();
    log.info({}, "stopped");
    await exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end(signal));
}

async function giveUp(problem: string): Promise<never> {
  complain(problem);
  return exit(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(problem: string): void {
  process.stderr.write(`gateway: ${problem}\n`);
}
