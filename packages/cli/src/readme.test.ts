import { spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { createWorkplace, type Workplace } from "./test-support/hooks.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

/** Each line after a `$`, with the output below it. */
const steps = [...readme.matchAll(/^```console\n(.*?)^```/gms)].flatMap(([, block = ""]) =>
  block
    .split(/^\$ /m)
    .filter((step) => step !== "")
    .map((step): readonly [string, string] => {
      const [command = "", ...output] = step.split("\n");
      return [command, output.join("\n")];
    }),
);

/** How many files are generated is not the point. */
const settled = (text: string) => text.replace(/^\d+ files/m, "N files");

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  await mkdir(workplace.path("bin"));
  await writeFile(workplace.path("bin/npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(workplace.path("bin/npx"), 0o755);
});
afterAll(() => workplace.remove());

describe("README", () => {
  // One after the other in one folder, as a reader would.
  it.each(steps)("shows what comes of: %s", (command, output) => {
    const path = [workplace.path("bin"), process.env["PATH"]].join(delimiter);
    const { stdout, stderr } = spawnSync("bash", ["-c", command], {
      cwd: workplace.folder,
      env: { ...process.env, PATH: path },
      encoding: "utf8",
    });
    expect(settled(stdout + stderr)).toBe(settled(output));
  });

  it("names every command", () => {
    for (const { name } of commands) expect(readme).toContain(`\`${name}\``);
  });
});
