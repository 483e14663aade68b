import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, freePort, startChild, until } from "@hooks/testkit";
import { senderEnvironment, senderMain } from "./sender.ts";

/** A sender whose store is alone on a small file system that can be filled. */
export interface SmallSender {
  readonly url: string;
  readonly child: Child;
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
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

/** Starts a sender in a mount namespace of its own; the file system goes with it. */
export async function startSmallSender(folder: string, mebibytes: number): Promise<SmallSender> {
  const store = join(folder, "store");
  mkdirSync(store);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // `unshare` and `sh` become the sender, so its pid is the child's.
  const script = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$1" && exec "$2" "$3"`;
  const args = ["-m", "sh", "-c", script, "sh", store, process.execPath, senderMain];
  const env = { PATH: process.env["PATH"], ...senderEnvironment(port, join(store, "sender.db")) };
  const child = await startChild("unshare", args, { env });
  await until(async () => (await fetch(`${url}/readyz`)).ok, { what: `the sender\n${child.output()}` });
  // The same folder, as the sender sees it.
  const filler = join(`/proc/${child.pid}/root`, store, "filler");
  return {
    url,
    child,
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
