import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hostsFile, OWN_ADDRESS } from "./names.ts";

const run = promisify(execFile);
const unshare = ["--net", "--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]), "--"];

/** Why no network namespace can be made here; undefined where it can. */
export async function obstacleToNamespaces(): Promise<string | undefined> {
  try {
    await run("unshare", [...unshare, "sh", "-c", "ip link set lo up && ip -6 route add local ::/0 dev lo"]);
    return undefined;
  } catch (error) {
    return `no network namespace can be made: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Where the name server of the namespace listens. */
export const NAME_SERVER = "127.0.0.53";

const files: Readonly<Record<string, string>> = {
  "resolv.conf": `nameserver ${NAME_SERVER}\noptions timeout:1 attempts:1\n`,
  "nsswitch.conf": "hosts: files dns\n",
  hosts: hostsFile,
};

/** All addresses there are become local; $0 is the folder with the files of the namespace, the rest is the program. */
const setUp = `
set -e
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
ip addr add ${OWN_ADDRESS}/32 dev lo
for file in ${Object.keys(files).join(" ")}; do
  if [ -e "/etc/$file" ]; then mount --bind "$0/$file" "/etc/$file"; fi
done
exec "$@"
`;

/** A program beside this file, and what is put before Node.js, such as a tracer. */
export interface Program {
  readonly file: string;
  readonly args?: readonly string[];
  readonly prefix?: readonly string[];
}

/** Runs a program in a network namespace of its own, from which nothing gets out; gives what it printed. */
export async function runInNamespace({ file, args = [], prefix = [] }: Program): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hooks-internet-"));
  try {
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    const program = [...prefix, process.execPath, fileURLToPath(new URL(file, import.meta.url)), ...args];
    const { stdout } = await run("unshare", [...unshare, "sh", "-c", setUp, folder, ...program], {
      maxBuffer: 10_000_000,
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
