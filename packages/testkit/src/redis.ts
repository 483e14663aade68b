import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "./temporary-folder.ts";
import { startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { launchProcess, type ServerProcess } from "./launch.ts";
import { requireServer } from "./require-server.ts";

export interface RedisServerOptions {
  /** When an acknowledged write is on disk. */
  readonly appendfsync?: "always" | "everysec" | "no";
  readonly appendonly?: boolean;
  readonly maxmemoryPolicy?: string;
  /** Further `redis-server` arguments, such as `["--maxmemory", "10mb"]`. */
  readonly args?: readonly string[];
}

/** A private Redis: its own port, folder and process. Killed, it loses what was not on disk. */
export interface RedisServer extends Omit<ServerProcess, "pid"> {
  readonly url: string;
  readonly port: number;
  /** Where its data is. */
  readonly folder: string;
  /** What is in its append-only file, unless that was rewritten. */
  log(): Buffer;
  /** Kills it and begins it again with another append-only file, such as one that a power cut left. */
  restartWith(log: Uint8Array): Promise<void>;
  /** Of the process running now; another one after `restart`. */
  readonly pid: number;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a private Redis. Durable by default, as the inbox demands: AOF, fsync on every write, no eviction. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = createTemporaryFolder("hooks-redis");
  const port = await freePort();
  const args = argumentsOf({ port, folder: folder.path, options });
  const server = await launchProcess({
    title: "Redis",
    port,
    start: () => startChild(requireServer("redis"), args),
    question: { hello: "PING\r\n", isAnswer: (data) => data.toString().startsWith("+PONG") },
  });
  return {
    ...server,
    url: `redis://127.0.0.1:${port}`,
    port,
    folder: folder.path,
    log: () => readFileSync(logFile(folder.path)),
    restartWith: async (log) => {
      await server.kill();
      writeFileSync(logFile(folder.path), log);
      await server.restart();
    },
    get pid() {
      return server.pid();
    },
    stop: async () => {
      await server.kill();
      folder.remove();
    },
  };
}

function logFile(folder: string): string {
  const logs = join(folder, "appendonlydir");
  return join(logs, readdirSync(logs).find((name) => name.endsWith(".incr.aof")) ?? "");
}

interface Launch {
  readonly port: number;
  readonly folder: string;
  readonly options: RedisServerOptions;
}

function argumentsOf({ port, folder, options }: Launch): readonly string[] {
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
  return [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]), ...args];
}
