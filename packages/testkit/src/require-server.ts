import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { type ServerName, servers } from "./servers.ts";

/** Where a server's program is, or why there is none. */
export type Availability =
  | { readonly kind: "available"; readonly binary: string }
  | { readonly kind: "missing"; readonly reason: string };

const known = new Map<ServerName, Availability>();

/**
 * Looks a server's program up on the PATH; when it is not there and we are root on a Debian, installs it, once.
 * Never throws: a machine without the server is an outcome.
 */
export function findServer(name: ServerName): Availability {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = locate(name) ?? install(name);
  known.set(name, found);
  return found;
}

/** The server's program; throws with the reason when there is none. */
export function requireServer(name: ServerName): string {
  const found = findServer(name);
  if (found.kind === "missing") throw new Error(found.reason);
  return found.binary;
}

function locate(name: ServerName): Availability | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = servers[name].binaries.flatMap((binary) =>
    isAbsolute(binary) ? [binary] : folders.map((folder) => join(folder, binary)),
  );
  const binary = candidates.find(isExecutable);
  return binary === undefined ? undefined : { kind: "available", binary };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install(name: ServerName): Availability {
  const { title, debianPackage } = servers[name];
  const advice = `${title} is not installed: install the package ${debianPackage}`;
  if (process.getuid?.() !== 0) return { kind: "missing", reason: advice };
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  try {
    // Another test file may be installing at this moment; apt waits for its own lock.
    const wait = ["-o", "DPkg::Lock::Timeout=120", "-qq"];
    execFileSync("apt-get", [...wait, "update"], { env, stdio: "ignore", timeout: 120_000 });
    const args = [...wait, "install", "-y", "--no-install-recommends", debianPackage];
    execFileSync("apt-get", args, { env, stdio: "ignore", timeout: 300_000 });
  } catch (error) {
    return { kind: "missing", reason: `${advice} (apt-get failed: ${String(error).split("\n")[0]})` };
  }
  return locate(name) ?? { kind: "missing", reason: advice };
}
