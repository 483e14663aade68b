import type { ChildProcess } from "node:child_process";
import type { Worker } from "node:cluster";

/** A connection as Node.js hands it to a worker; closed already when the worker has said that it took it. */
interface Handle {
  close(): void;
}

/**
 * Ends the connection that is on its way to a worker when the worker dies. Node.js waits for the worker to say that it took it:
 * the client would never hear anything, and the connection stay open here. Each worker is handed one at a time. Gives what is
 * told of each new worker.
 */
export function createHandovers(): (worker: Worker) => void {
  const underWay = new Map<Worker, Handle>();
  return (worker) => {
    const child = worker.process;
    const send = child.send.bind(child) as (...args: unknown[]) => boolean;
    const watch = (...args: unknown[]) => {
      const [message, handle] = args;
      if (isHandover(message)) {
        // One that did not want it gives it back, for another.
        for (const [other, its] of underWay) if (its === handle) underWay.delete(other);
        underWay.set(worker, handle as Handle);
      }
      return send(...args);
    };
    child.send = watch as ChildProcess["send"];
    worker.on("exit", () => {
      underWay.get(worker)?.close();
      underWay.delete(worker);
    });
  };
}

/** Node.js documents neither this message nor its handle; without them nothing is done. */
function isHandover(message: unknown): boolean {
  return typeof message === "object" && message !== null && "act" in message && message.act === "newconn";
}
