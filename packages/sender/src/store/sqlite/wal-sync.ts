import { closeSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";

const syncFile = promisify(fdatasync);

/** Brings to disk what SQLite has written to its log, without holding up whoever writes on. */
export interface WalSync {
  /** Resolves when everything that was committed before the call is on disk. Calls that wait share a sync. */
  sync(): Promise<void>;
  close(): void;
}

/** `path`: of the database itself and of no link to it, whose log is there as long as it is open. SQLite takes no locks on the log. */
export function createWalSync(path: string): WalSync {
  const file = openSync(`${path}-wal`, "r+");
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    sync() {
      next ??= running.catch(ignore).then(() => {
        next = undefined;
        running = syncFile(file);
        return running;
      });
      return next;
    },
    close: () => closeSync(file),
  };
}

function ignore(): void {}
