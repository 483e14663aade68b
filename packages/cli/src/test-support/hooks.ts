import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** What the `hooks` command did. */
export interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder and the `hooks` command in it, run as a process of its own. */
export interface Workplace {
  readonly folder: string;
  readonly path: (file: string) => string;
  /** Writes files; what is not text is written as JSON. */
  readonly write: (files: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly hooks: (...args: readonly string[]) => Promise<Ran>;
  readonly hooksWith: (input: string, ...args: readonly string[]) => Promise<Ran>;
  readonly remove: () => Promise<void>;
}

export async function createWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), "hooks-cli-"));
  const path = (file: string) => join(folder, file);
  const hooksWith = async (input: string, ...args: readonly string[]): Promise<Ran> => {
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: "pipe" });
    child.stdin.on("error", () => {}).end(input);
    const exit = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { exit: await exit, stdout, stderr };
  };
  return {
    folder,
    path,
    write: async (files) => {
      for (const [file, content] of Object.entries(files)) {
        await mkdir(dirname(path(file)), { recursive: true });
        await writeFile(path(file), typeof content === "string" ? content : JSON.stringify(content));
      }
    },
    hooks: (...args) => hooksWith("", ...args),
    hooksWith,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
