import { startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { launchProcess, type ServerProcess } from "./launch.ts";
import { requireServer } from "./require-server.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

/** A private NATS with JetStream: its own port, folder and process. */
export interface NatsServer extends Omit<ServerProcess, "pid"> {
  readonly url: string;
  readonly port: number;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface NatsOptions {
  /** The token that it asks for when it is started and started again; without one, none. */
  readonly token?: () => string | undefined;
}

/** Starts a private NATS server with JetStream. */
export async function startNats({ token = () => undefined }: NatsOptions = {}): Promise<NatsServer> {
  const folder = createTemporaryFolder("hooks-nats");
  const port = await freePort();
  const args = ["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", folder.path];
  const { pid: _, ...server } = await launchProcess({
    title: "NATS",
    port,
    start: () => startChild(requireServer("nats"), [...args, ...authentication(token())]),
    question: {
      hello: "CONNECT {}\r\nPING\r\n",
      isAnswer: (data) => /PONG|Authorization/.test(data.toString()),
    },
  });
  return {
    ...server,
    url: `nats://127.0.0.1:${port}`,
    port,
    stop: async () => {
      await server.kill();
      folder.remove();
    },
  };
}

function authentication(token: string | undefined): readonly string[] {
  return token === undefined ? [] : ["--auth", token];
}
