import { execFile } from "node:child_process";
import { chownSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type ChildOptions, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { launchProcess, type ServerProcess } from "./launch.ts";
import { requireServer } from "./require-server.ts";
import { userNamed } from "./system-user.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

/** A private RabbitMQ: its own ports, folder, processes and register of Erlang nodes. */
export interface RabbitmqServer extends Omit<ServerProcess, "pid"> {
  readonly url: string;
  readonly port: number;
  /** Runs `rabbitmqctl` with these arguments. */
  control(...args: readonly string[]): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a private RabbitMQ, under the user `rabbitmq` where we are root: Debian's scripts want that. */
export async function startRabbitmq(): Promise<RabbitmqServer> {
  const binary = requireServer("rabbitmq");
  const user = process.getuid?.() === 0 ? userNamed("rabbitmq") : undefined;
  const folder = createTemporaryFolder("hooks-rabbitmq");
  const own = (path: string) => user !== undefined && chownSync(path, user.uid, user.gid);
  own(folder.path);
  const [port, distribution, register] = await Promise.all([freePort(), freePort(), freePort()]);
  const cookie = join(folder.path, ".erlang.cookie");
  writeFileSync(cookie, "HOOKSTEST", { mode: 0o400 });
  own(cookie);
  const env = environment({ folder: folder.path, port, distribution, register });
  const options: ChildOptions = { env, cwd: folder.path, ...(user === undefined ? {} : { user }) };
  // Erlang would leave one of its own running behind the server.
  const epmd = await startChild("epmd", ["-port", String(register), "-address", "127.0.0.1"], options);
  const { pid: _, ...server } = await launchProcess({
    title: "RabbitMQ",
    port,
    start: () => startChild(binary, [], options),
    // A method frame, `connection.start`.
    question: { hello: Buffer.from("AMQP\0\0\u0009\u0001", "latin1"), isAnswer: (data) => data[0] === 1 },
    timeoutMs: 120_000,
  });
  return {
    ...server,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    port,
    control: async (...args) => {
      await promisify(execFile)(join(dirname(binary), "rabbitmqctl"), args, {
        env,
        cwd: folder.path,
        ...user,
      });
    },
    stop: async () => {
      await server.kill();
      epmd.signal("SIGKILL");
      await epmd.exited;
      folder.remove();
    },
  };
}

interface Ports {
  readonly folder: string;
  readonly port: number;
  /** Of Erlang's own protocol. */
  readonly distribution: number;
  /** Of epmd, where Erlang nodes are found. */
  readonly register: number;
}

function environment({ folder, port, distribution, register }: Ports): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    HOME: folder,
    ERL_EPMD_PORT: String(register),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    // Ours is there already; one that Erlang starts when ours has gone would stay behind.
    ERL_FLAGS: "-start_epmd false",
    // The script then becomes the server instead of its parent, so that a signal reaches it.
    RUNNING_UNDER_SYSTEMD: "1",
    RABBITMQ_NODENAME: `hooks${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_PID_FILE: join(folder, "pid"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
    // One scheduler: the machine has more to do.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1 +sbwt none",
  };
}
