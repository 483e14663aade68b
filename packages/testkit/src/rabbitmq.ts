import { execFile } from "node:child_process";
import { chownSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Child, type ChildOptions, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { requireServer } from "./require-server.ts";
import { userNamed } from "./system-user.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

/** A private RabbitMQ: its own ports, folder, processes and register of Erlang nodes. */
export interface RabbitmqServer {
  readonly url: string;
  readonly port: number;
  /** SIGKILL. The data stay, for `restart`. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Starts it again on the same port with the same data, ending it first when it runs. */
  restart(): Promise<void>;
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
  const place: Place = {
    binary,
    port,
    options: { env, cwd: folder.path, ...(user === undefined ? {} : { user }) },
  };
  // Erlang would leave one of its own running behind the server.
  const epmd = await startChild("epmd", ["-port", String(register), "-address", "127.0.0.1"], place.options);
  let child = await launch(place);

  const kill = async () => {
    child.signal("SIGKILL");
    await child.exited;
  };
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    port,
    kill,
    pause: () => child.signal("SIGSTOP"),
    resume: () => child.signal("SIGCONT"),
    restart: async () => {
      await kill();
      child = await launch(place);
    },
    control: async (...args) => {
      await promisify(execFile)(join(dirname(binary), "rabbitmqctl"), args, {
        env,
        cwd: folder.path,
        ...user,
      });
    },
    stop: async () => {
      await kill();
      epmd.signal("SIGKILL");
      await epmd.exited;
      folder.remove();
    },
  };
}

interface Place {
  readonly binary: string;
  readonly port: number;
  readonly options: ChildOptions;
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

async function launch({ binary, port, options }: Place): Promise<Child> {
  const child = await startChild(binary, [], options);
  try {
    await until(() => (child.running() ? answersAmqp(port) : fail(child)), {
      what: `RabbitMQ on port ${port}`,
      timeoutMs: 120_000,
      everyMs: 50,
    });
  } catch (cause) {
    child.signal("SIGKILL");
    throw new Error(`RabbitMQ did not start: ${child.output().slice(-1_000)}`, { cause });
  }
  return child;
}

function fail(child: Child): never {
  throw new Error(`RabbitMQ ended: ${child.output().slice(-1_000)}`);
}

/** Asks over a bare socket, so that starting a server needs no client library. */
function answersAmqp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 500 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => socket.write(Buffer.from("AMQP\0\0\u0009\u0001", "latin1")));
    // A method frame, `connection.start`.
    socket.on("data", (data) => end(data[0] === 1));
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });
}
