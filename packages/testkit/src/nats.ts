import { connect } from "node:net";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { requireServer } from "./require-server.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

/** A private NATS with JetStream: its own port, folder and process. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** SIGKILL. The data folder stays, for `restart`. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Starts it again on the same port with the same data, ending it first when it runs. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a private NATS server with JetStream. */
export async function startNats(): Promise<NatsServer> {
  const folder = createTemporaryFolder("hooks-nats");
  const port = await freePort();
  const launch = () => launchNats(port, folder.path);
  let child = await launch();
  const kill = async () => {
    child.signal("SIGKILL");
    await child.exited;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill,
    pause: () => child.signal("SIGSTOP"),
    resume: () => child.signal("SIGCONT"),
    restart: async () => {
      await kill();
      child = await launch();
    },
    stop: async () => {
      await kill();
      folder.remove();
    },
  };
}

async function launchNats(port: number, folder: string): Promise<Child> {
  const args = ["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", folder];
  const child = await startChild(requireServer("nats"), args);
  try {
    await until(() => (child.running() ? answersPing(port) : fail(child)), { what: `NATS on port ${port}` });
  } catch (cause) {
    child.signal("SIGKILL");
    throw new Error(`NATS did not start: ${child.output().slice(-500)}`, { cause });
  }
  return child;
}

function fail(child: Child): never {
  throw new Error(`NATS ended: ${child.output().slice(-500)}`);
}

/** Asks over a bare socket, so that starting a server needs no client library. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 500 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => socket.write("CONNECT {}\r\nPING\r\n"));
    socket.on("data", (data) => {
      if (data.toString().includes("PONG")) end(true);
    });
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });
}
