import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { createWorkplace, type Workplace } from "./test-support/hooks.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const compiler = fileURLToPath(new URL("../../../node_modules/.bin/tsc", import.meta.url));
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

interface Step {
  readonly title: string;
  /** A line after a `$`, with the output below it. */
  readonly command?: string;
  readonly output?: string;
  /** A block that begins with the path of the file it is. */
  readonly file?: string;
  readonly text?: string;
}

const steps = [...readme.matchAll(/^```(console|ts)\n(.*?)^```/gms)].flatMap(
  ([, language, block = ""]): readonly Step[] => {
    if (language === "console")
      return block
        .split(/^\$ /m)
        .filter((step) => step !== "")
        .map(commandOf);
    const [, file = ""] = /^\/\/ (\S+)\n/.exec(block) ?? [];
    return [{ title: `what stands in ${file}`, file, text: block }];
  },
);

function commandOf(step: string): Step {
  const [command = "", ...output] = step.split("\n");
  return { title: `what comes of: ${command}`, command, output: output.join("\n") };
}

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  await mkdir(workplace.path("bin"));
  await workplace.write({ "package.json": {} });
  await writeFile(workplace.path("bin/npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(workplace.path("bin/npx"), 0o755);
});
afterAll(() => workplace.remove());

describe("README", () => {
  // One after the other in one folder, as a reader would.
  it.each(steps)("shows $title", async ({ command, output, file, text }) => {
    if (file !== undefined && text !== undefined) return workplace.write({ [file]: text });
    const path = [workplace.path("bin"), process.env["PATH"]].join(delimiter);
    const { stdout, stderr } = spawnSync("bash", ["-c", command ?? ""], {
      cwd: workplace.folder,
      // What the machine's npm has to say is not part of it, and no registry is needed.
      env: { ...process.env, PATH: path, npm_config_loglevel: "error", npm_config_offline: "true" },
      encoding: "utf8",
    });
    expect(stdout + stderr).toBe(output);
  });

  it("shows code that compiles against the package it makes", async () => {
    const options = { noEmit: true, module: "nodenext", strict: true, types: [], lib: ["es2024", "dom"] };
    const include = ["handler.ts", "schemas/*/migrations/*.ts"];
    await workplace.write({ "tsconfig.json": { compilerOptions: options, include } });
    const ran = spawnSync(compiler, ["-p", workplace.folder], { encoding: "utf8" });
    expect(ran.stdout).toBe("");
  });

  it("shows how to pack the command with all of ours that it needs, and nothing else", async () => {
    const [, pack = ""] = /npx (pnpm .* pack) --pack-destination/.exec(readme) ?? [];
    const to = workplace.path("packed");
    const cwd = fileURLToPath(new URL("../../..", import.meta.url));
    const path = [join(cwd, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
    const command = `${pack} --pack-destination ${to}`;
    spawnSync("bash", ["-c", command], { cwd, env: { ...process.env, PATH: path } });
    const { dependencies } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
    const needed = ["@hooks/cli", ...Object.keys(dependencies)];
    const packed = (await readdir(to)).map((file) => file.replace(/^hooks-(.*)-[\d.]+\.tgz$/, "@hooks/$1"));
    expect(packed.toSorted()).toEqual(needed.toSorted());
  });

  it("names every command", () => {
    for (const { name } of commands) expect(readme).toContain(`\`${name}\``);
  });
});
