import { hostname } from "node:os";
import type { IsProcessGone } from "./leases.ts";

/** Workers of this process. Their pid is alive by definition, so only their lease can end them. */
const ownWorkers = new Set<string>();

/**
 * Knows which processes of this machine are gone. An embedded database is used from one machine, so after a crash the
 * work is taken up at once instead of at the end of the lease.
 */
export function createLocalProcesses(): {
  readonly add: (worker: string) => void;
  readonly isGone: IsProcessGone;
} {
  return {
    add: (worker) => void ownWorkers.add(worker),
    isGone: ({ id, host, pid }) => {
      if (host !== hostname() || ownWorkers.has(id)) return false;
      // A pid that is ours now belonged to a process that is no more (containers always start with the same pids).
      return pid === process.pid || !isRunning(pid);
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
