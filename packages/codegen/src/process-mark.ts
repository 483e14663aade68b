import { createHash } from "node:crypto";
import { hostname } from "node:os";

const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** Names this process, in what it leaves on the disk. Numbers are of one computer only, so it says on which. */
export const processMark = `${host}-${process.pid}`;

/** Whether a mark is of a process of this computer that is no more. */
export function isAbandoned(mark: string): boolean {
  const [, of, pid] = /^([0-9a-f]{8})-(\d{1,9})$/.exec(mark) ?? [];
  return of === host && !isRunning(Number(pid));
}

/** A process that may not be asked is there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
