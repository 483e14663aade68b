import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { createWorkplace, type Workplace } from "./test-support/hooks.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
let workplace: Workplace;

beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

/** Runs in a folder that is gone: nothing can be resolved there. */
const hooksNowhere = (environment: NodeJS.ProcessEnv) => {
  const script = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" "$1" contracts lint';
  return spawnSync("bash", ["-c", script, process.execPath, main], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
};

describe("hooks", () => {
  it("lists every command in its help, on standard output", async () => {
    const { exit, stdout, stderr } = await workplace.hooks("--help");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
  });

  it("lists the commands of a group", async () => {
    const { exit, stdout } = await workplace.hooks("contracts", "-h");
    expect(exit).toBe(0);
    expect(stdout).toContain("Usage: hooks contracts COMMAND [options]");
  });

  it.each(commands.map(({ name }) => name))("says how %s is used", async (name) => {
    const { exit, stdout, stderr } = await workplace.hooks(...name.split(" "), "--help");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toContain(`Usage: hooks ${name}`);
  });

  it("says its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(await workplace.hooks("--version")).toEqual({ exit: 0, stdout: `${version}\n`, stderr: "" });
  });

  it.each([
    [[], "A command is missing."],
    [["contracts"], "A command is missing after contracts."],
    [["contract"], "There is no command contract. Did you mean contracts?"],
    [["contracts", "lnit"], "There is no command contracts lnit. Did you mean lint?"],
    [["contracts", "frobnicate"], "There is no command contracts frobnicate."],
    [["--verison"], "There is no option --verison before a command. Did you mean --version?"],
    [["contracts", "lint", "--shemas", "x"], "There is no option --shemas. Did you mean --schemas?"],
    [["contracts", "lint", "--schemas"], "--schemas needs a value: --schemas DIR."],
    [["contracts", "lint", "--schemas", "--json"], "--schemas needs a value: --schemas DIR."],
    [["contracts", "lint", "--schemas="], "--schemas needs a value that is not empty."],
    [["contracts", "lint", "--json=yes"], "--json takes no value."],
    [["contracts", "lint", "--json", "--json"], "--json was given twice."],
    [["contracts", "lint", "here"], '"here" is one argument too many.'],
    [["constructor"], "There is no command constructor."],
    [["contracts", "lint", "--constructor"], "There is no option --constructor."],
  ])("refuses %j with exit code 2 and says why", async (args, message) => {
    const { exit, stdout, stderr } = await workplace.hooks(...args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(/^hooks: .*\nSee hooks.* --help\n$/);
    expect(stderr.split("\n")[0]).toBe(`hooks: ${message} [misuse]`);
  });

  it("keeps its exit code when whoever reads the output has gone", () => {
    const script = `"$0" "$1" contracts lint --schemas nowhere 2>&1 | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = spawnSync("bash", ["-c", script, process.execPath, main], { encoding: "utf8" });
    expect(stdout).toBe("2\n");
  });

  it("tells an unexpected fault in one line, and where it was when asked", () => {
    const { status, stdout, stderr } = hooksNowhere({ HOOKS_DEBUG: "0" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^hooks: .* \[fault\] \(HOOKS_DEBUG=1 shows where\)\n$/);
    expect(hooksNowhere({ HOOKS_DEBUG: "1" }).stderr).toMatch(/\n {4}at /);
  });
});
