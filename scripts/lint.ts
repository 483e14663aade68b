// Linter and formatter, one after the other; `--fix` repairs what can be repaired.
import { spawnSync } from "node:child_process";

const fix = process.argv.includes("--fix");
const steps: readonly (readonly string[])[] = [
  ["oxlint", ...(fix ? ["--fix"] : ["--deny-warnings"])],
  ["oxfmt", ...(fix ? [] : ["--check"])],
];
const failed = steps.filter(
  ([command = "", ...args]) => spawnSync(command, args, { stdio: "inherit" }).status !== 0,
);
process.exit(failed.length === 0 ? 0 : 1);
