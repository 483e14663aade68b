import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { promisify } from "node:util";

const syncFile = promisify(fdatasync);

/** Brings to disk what SQLite has written to its log, without holding up whoever writes on. */
export interface WalSync {
  /** Resolves when everything that was committed before the call is on disk. Calls that wait share a sync. */
  sync(): Promise<void>;
  close(): void;
}

/**
 * `path`: of the database itself and of no link to it, whose log is there as long as it is open. SQLite takes no locks on
 * the log.
 */
export function createWalSync(path: string): WalSync {
  const syncNow = createSync(`${path}-wal`);
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    sync() {
      next ??= running.catch(ignore).then(() => {
        next = undefined;
        running = syncNow();
        return running;
      });
      return next;
    },
    close: syncNow.close,
  };
}

/**
 * The process has four threads for its files, and an application that hashes passwords keeps all of them busy: what they
 * have not done after so long is done here. Longer than most disks take.
 */
const PATIENCE_MS = 100;

function createSync(log: string): (() => Promise<void>) & Pick<WalSync, "close"> {
  const file = openSync(log, "r+");
  // Of a fault, the system tells each of them.
  const fileHere = openSync(log, "r+");
  let asked: Promise<void> | undefined;
  let lateFault: Error | undefined;

  const sync = async (): Promise<void> => {
    if (lateFault !== undefined) {
      const fault = lateFault;
      lateFault = undefined;
      throw fault;
    }
    if (asked !== undefined) return fdatasyncSync(fileHere);
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    const here = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        isLate = true;
        resolve();
      }, PATIENCE_MS);
    }).then(() => fdatasyncSync(fileHere));
    asked = syncFile(file)
      .catch((fault: Error) => {
        // Whoever asked has been answered; it may have been what somebody else wrote meanwhile.
        if (isLate) lateFault = fault;
        else throw fault;
      })
      .finally(() => {
        clearTimeout(timer);
        asked = undefined;
      });
    return Promise.race([asked, here]);
  };
  const close = (): void => {
    closeSync(fileHere);
    void Promise.resolve(asked)
      .catch(ignore)
      .then(() => closeSync(file));
  };
  return Object.assign(sync, { close });
}

function ignore(): void {}
