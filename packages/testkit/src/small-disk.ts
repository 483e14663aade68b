import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A small file system of a process of its own, which can be filled. */
export interface SmallDisk {
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

export interface SmallDiskOptions {
  /** The folder that it takes the place of, for that process and those it starts. */
  readonly folder: string;
  readonly mebibytes: number;
  /** Whose the folder is. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Why no file system can be mounted here; `undefined` when one can. */
export function whyNoMount(): string | undefined {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root, to mount a file system";
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"], {
      stdio: "pipe",
    });
    return undefined;
  } catch (error) {
    return `cannot mount a tmpfs: ${String(error).split("\n")[0]}`;
  }
}

/** The arguments of `unshare` that run a command with such a disk; it becomes the command, and the disk goes with it. */
export function onSmallDisk(
  { folder, mebibytes, user }: SmallDiskOptions,
  command: readonly string[],
): readonly string[] {
  const owner = user === undefined ? "" : `,uid=${user.uid},gid=${user.gid},mode=700`;
  const script = `mount -t tmpfs -o size=${mebibytes}m${owner} tmpfs "$1" && shift && exec "$@"`;
  const become =
    user === undefined ? [] : ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  return ["-m", "sh", "-c", script, "sh", folder, ...become, ...command];
}

/** The disk of the process that was started so. */
export function smallDiskOf(pid: number, folder: string): SmallDisk {
  // The same folder, as the process sees it.
  const filler = join(`/proc/${pid}/root`, folder, "filler");
  return {
    fill: () => fillUp(filler),
    free: () => rmSync(filler),
  };
}

function fillUp(path: string): void {
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch {
      // Full for pieces of this size.
    }
  }
}
