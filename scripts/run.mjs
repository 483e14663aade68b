// Every root script comes through here. It sets up what is missing (packages, build) and then runs the task with
// the repository's own Node.js. Plain JavaScript, because it runs on the machine's Node.js before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const stamp = join(root, "node_modules", ".hooks-installed");
const lock = join(root, ".setup.lock");

/** Told at the end: a machine that stalls makes real servers late, which looks like a fault of theirs. */
const secondTry = ["--retry.count=1", "--retry.delay=5000"];

/**
 * What each task runs once the packages are there; `build` says whether it needs the compiled packages too, and
 * `inCallersFolder` whether its arguments name files from where npm was called, not from the root.
 */
const tasks = {
  start: { build: true, run: ["node", "examples/demo/dist/main.js"] },
  sender: { build: true, run: ["node", "apps/sender/dist/main.js"] },
  gateway: { build: true, run: ["node", "apps/gateway/dist/main.js"] },
  hooks: { build: true, run: ["node", join(root, "packages/cli/dist/main.js")], inCallersFolder: true },
  bench: { build: true, run: ["node", "benchmarks/dist/main.js"] },
  test: {
    build: true,
    run: ["vitest", "run", ...secondTry, "--reporter=default", "--reporter=./scripts/summary-reporter.ts"],
  },
  typecheck: { build: true, run: ["turbo", "run", "typecheck", "--output-logs=errors-only"] },
  generate: { build: true, run: ["node", "scripts/generate.ts"] },
  size: { build: true, run: ["size-limit"] },
  lint: { build: false, run: ["node", "scripts/lint.ts"] },
  fix: { build: false, run: ["node", "scripts/lint.ts", "--fix"] },
  build: { build: true },
};

const [name, ...args] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) {
  console.error(`Unknown task ${name}. Known: ${Object.keys(tasks).join(", ")}`);
  process.exit(2);
}

const environment = {
  ...process.env,
  PATH: bin + delimiter + process.env.PATH,
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  DO_NOT_TRACK: "1",
};

withLock(() => {
  if (!isInstalled()) install();
  if (task.build) build();
});
if (task.run) runInForeground([...task.run, ...args], task.inCallersFolder ? process.env.INIT_CWD : root);

/** Two commands started together in a fresh clone must not install or build at the same time. */
function withLock(work) {
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock() {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch {
    if (!isHeld()) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isHeld() {
  try {
    process.kill(Number(readFileSync(join(lock, "pid"), "utf8")), 0);
    return true;
  } catch (error) {
    // ENOENT: the holder is between making the folder and writing its pid.
    return error.code === "EPERM" || error.code === "ENOENT";
  }
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === dependencyHash();
}

function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  announce("installing packages");
  runOrExit("npx", ["--yes", packageManager, "install", "--frozen-lockfile", "--reporter=append-only"]);
  writeFileSync(stamp, dependencyHash());
}

function build() {
  runOrExit(join(bin, "turbo"), ["run", "build", "--output-logs=errors-only", "--log-order=grouped"]);
}

function dependencyHash() {
  const manifests = ["packages", "apps", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((child) => join(folder, child, "package.json")),
  );
  const files = ["pnpm-lock.yaml", "package.json", ...manifests].filter((file) =>
    existsSync(join(root, file)),
  );
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Runs a set-up step quietly; its output is shown only when it fails. */
function runOrExit(command, commandArguments) {
  const result = spawnSync(command, commandArguments, { cwd: root, env: environment, encoding: "utf8" });
  if (result.status === 0) return;
  console.error(`${command} ${commandArguments.join(" ")} failed`);
  console.error(result.stdout, result.stderr, result.error ?? "");
  rmSync(lock, { recursive: true, force: true });
  process.exit(1);
}

function runInForeground([command, ...commandArguments], cwd) {
  const child = spawn(command, commandArguments, { cwd, env: environment, stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // A terminal gives its Ctrl-C to the child as well; a second one would end the child at once.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  endWithParent(child);
  child.on("error", (error) => {
    console.error(`Cannot start ${command}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** Whoever kills npm without a signal to us must not leave an app behind that holds its port. */
function endWithParent(child) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 250).unref();
}

function announce(text) {
  console.error(`hooks: ${text} …`);
}
