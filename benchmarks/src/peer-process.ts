import { fork } from "node:child_process";
import { join } from "node:path";

/** A peer in a process of its own. */
export interface PeerProcess {
  readonly pid: number;
  /** What it told when it was ready. */
  readonly ready: unknown;
  /** Asks it something and waits for the answer. One question at a time. Rejects when the peer fails or ends. */
  ask(question: unknown): Promise<unknown>;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** What a peer sends. */
export type PeerMessage =
  | { readonly kind: "ready" | "answer"; readonly value?: unknown }
  | { readonly kind: "failed"; readonly reason: string };

/** Starts `peers/<name>` and waits until it is ready. Its `settings` must be JSON. */
export async function startPeer(name: string, settings: object): Promise<PeerProcess> {
  const child = fork(join(import.meta.dirname, "peers", `${name}.js`), [JSON.stringify(settings)], {
    env: { ...process.env, NODE_ENV: "production" },
    // A log line per request is a peer's own cost to write, but nobody's to read.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      process.off("exit", kill);
      resolve();
    });
  });

  const next = () =>
    new Promise<unknown>((resolve, reject) => {
      const end = (settle: () => void) => {
        child.off("message", onMessage).off("exit", onExit);
        settle();
      };
      const onExit = () => end(() => reject(new Error(`${name} ended early`)));
      const onMessage = (message: PeerMessage) => {
        if (message.kind === "failed") end(() => reject(new Error(`${name}: ${message.reason}`)));
        else end(() => resolve(message.value));
      };
      child.on("message", onMessage).on("exit", onExit);
    });
  const stop = async () => {
    // A peer ends by itself when it has lost its parent.
    if (child.connected) child.disconnect();
    const late = setTimeout(kill, 5_000);
    await gone;
    clearTimeout(late);
  };
  try {
    const ready = await next();
    return {
      // It has told something, so it has one.
      pid: child.pid ?? 0,
      ready,
      ask: (question) => {
        const answered = next();
        child.send({ question });
        return answered;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
