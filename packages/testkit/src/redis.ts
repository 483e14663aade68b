import { createTemporaryFolder } from "./temporary-folder.ts";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { requireServer } from "./require-server.ts";
import { until } from "./until.ts";
import { connect } from "node:net";

export interface RedisServerOptions {
  /** When an acknowledged write is on disk. */
  readonly appendfsync?: "always" | "everysec" | "no";
  readonly appendonly?: boolean;
  readonly maxmemoryPolicy?: string;
  /** Further `redis-server` arguments, such as `["--maxmemory", "10mb"]`. */
  readonly args?: readonly string[];
}

/** A private Redis: its own port, folder and process. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Where its data is. */
  readonly folder: string;
  /** Of the process running now; another one after `restart`. */
  readonly pid: number;
  /** SIGKILL: what was not on disk is lost. The data folder stays, for `restart`. */
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

/** Starts a private Redis. Durable by default, as the inbox demands: AOF, fsync on every write, no eviction. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = createTemporaryFolder("hooks-redis");
  const port = await freePort();
  const launch = () => launchRedis({ port, folder: folder.path, options });
  let child = await launch();

  const kill = async () => {
    child.signal("SIGKILL");
    await child.exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder: folder.path,
    get pid() {
      return child.pid;
    },
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

interface Launch {
  readonly port: number;
  readonly folder: string;
  readonly options: RedisServerOptions;
}

async function launchRedis({ port, folder, options }: Launch): Promise<Child> {
  const { appendfsync = "always", appendonly = true, maxmemoryPolicy = "noeviction", args = [] } = options;
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: appendonly ? "yes" : "no",
    appendfsync,
    "maxmemory-policy": maxmemoryPolicy,
    loglevel: "warning",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = await startChild(requireServer("redis"), [...flags, ...args]);
  try {
    const ready = until(() => child.running() && answersPing(port), { what: `Redis on port ${port}` });
    await Promise.race([ready, child.exited.then(() => fail(child))]);
  } catch (cause) {
    child.signal("SIGKILL");
    throw new Error(`Redis did not start: ${child.output().slice(-500)}`, { cause });
  }
  return child;
}

function fail(child: Child): never {
  throw new Error(`Redis ended: ${child.output().slice(-500)}`);
}

/** Asks over a bare socket, so that starting a server needs no client library. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 500 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => socket.write("PING\r\n"));
    socket.on("data", (data) => end(data.toString().startsWith("+PONG")));
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });
}
