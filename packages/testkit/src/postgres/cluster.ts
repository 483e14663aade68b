import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type SystemUser, userNamed } from "../system-user.ts";

export interface Cluster {
  /** The `postgres` program. */
  readonly binary: string;
  /** Who the server runs as, where that is not who we are. */
  readonly user: SystemUser | undefined;
}

/** The superuser of every cluster that is made here. */
export const SUPERUSER = "hooks";

/**
 * PostgreSQL refuses to run as root, so root hands it to somebody without rights: the package's own user, or `nobody`.
 */
export function unprivilegedUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return userNamed("postgres") ?? userNamed("nobody") ?? { uid: 65_534, gid: 65_534 };
}

/**
 * Makes a new cluster in the empty folder `target`. Making one from nothing takes seconds, so that is done once for a
 * machine and release, and copied.
 */
export function createCluster(cluster: Cluster, target: string): void {
  const template = templateOf(cluster);
  execFileSync("cp", ["-a", `${template}/.`, target]);
  if (cluster.user !== undefined) chownSync(target, cluster.user.uid, cluster.user.gid);
}

function templateOf({ binary, user }: Cluster): string {
  const program = realpathSync(binary);
  const [release] = /\d+/.exec(execFileSync(program, ["--version"], { encoding: "utf8" })) ?? ["0"];
  const uid = user?.uid ?? process.getuid?.() ?? 0;
  const path = join(tmpdir(), `hooks-postgres-template-${release}-${uid}`);
  if (existsSync(path)) return path;
  const made = mkdtempSync(`${path}-`);
  const data = join(made, "data");
  try {
    mkdirSync(data);
    if (user !== undefined) for (const folder of [made, data]) chownSync(folder, user.uid, user.gid);
    const flags = [
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C.UTF-8",
      `--username=${SUPERUSER}`,
      "--no-sync",
    ];
    execFileSync(join(dirname(program), "initdb"), ["-D", data, ...flags], {
      stdio: "pipe",
      cwd: made,
      ...user,
    });
    renameInto(data, path);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return path;
}

/** Another test run may have made the template at the same time: then its is as good as ours. */
function renameInto(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
