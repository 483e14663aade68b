import { connect } from "node:net";
import type { Child } from "./child.ts";
import { until } from "./until.ts";

/** How to find out whether a server answers, over a bare socket: starting one needs no client library. */
export interface Question {
  readonly hello: string | Buffer;
  /** Of the first bytes that come back, and of those that follow while it says no. */
  readonly isAnswer: (data: Buffer) => boolean;
}

export interface LaunchOptions {
  /** What people call it. */
  readonly title: string;
  readonly port: number;
  readonly start: () => Promise<Child>;
  readonly question: Question;
  /** How long it may take to answer. Default 60,000. */
  readonly timeoutMs?: number;
}

/** Starts a server and waits until it answers. Throws with what it said when it ends before or takes too long. */
export async function launch({ title, port, start, question, timeoutMs }: LaunchOptions): Promise<Child> {
  const child = await start();
  const said = () => child.output().slice(-1_000);
  try {
    const isReady = () => child.running() && answers(port, question);
    const ready = until(isReady, {
      what: `${title} on port ${port}`,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    const ended = child.exited.then((): never => {
      throw new Error(`${title} ended: ${said()}`);
    });
    await Promise.race([ready, ended]);
  } catch (cause) {
    child.signal("SIGKILL");
    throw new Error(`${title} did not start: ${said()}`, { cause });
  }
  return child;
}

function answers(port: number, { hello, isAnswer }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 500 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => socket.write(hello));
    socket.on("data", (data) => {
      if (isAnswer(data)) end(true);
    });
    socket.on("close", () => resolve(false));
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });
}

/** A server that is one process: its port and data stay, its process may go and come. */
export interface ServerProcess {
  /** Of the process running now; another one after `restart`. */
  pid(): number;
  /** SIGKILL. The data folder stays, for `restart`. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Starts it again on the same port with the same data, ending it first when it runs. */
  restart(): Promise<void>;
}

export async function launchProcess(options: LaunchOptions): Promise<ServerProcess> {
  let child = await launch(options);
  const kill = async () => {
    child.signal("SIGKILL");
    await child.exited;
  };
  return {
    pid: () => child.pid,
    kill,
    pause: () => child.signal("SIGSTOP"),
    resume: () => child.signal("SIGCONT"),
    restart: async () => {
      await kill();
      child = await launch(options);
    },
  };
}
