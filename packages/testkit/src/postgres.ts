import { chownSync, readdirSync, readFileSync } from "node:fs";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import { type Cluster, createCluster, SUPERUSER, unprivilegedUser } from "./postgres/cluster.ts";
import { requireServer } from "./require-server.ts";
import { onSmallDisk, type SmallDisk, smallDiskOf } from "./small-disk.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

export interface PostgresServerOptions {
  /** Settings such as `{ max_connections: "5" }`. Durable by default, as a production server is. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Besides, a disk of so many MiB at `diskFolder`, for a tablespace. Needs what `whyNoMount` asks for. */
  readonly diskMebibytes?: number;
}

/** A private PostgreSQL: its own port, data and processes. */
export interface PostgresServer {
  /** Of its database, with the superuser. */
  readonly url: string;
  readonly port: number;
  /** Of the postmaster running now; another one after `restart`. */
  readonly pid: number;
  /** SIGKILL for every process of it: what was not on disk is lost. The data stay, for `restart`. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Starts it again on the same port with the same data, ending it first when it runs. */
  restart(): Promise<void>;
  /** Where the small disk is, as it sees it. Empty after each start. */
  readonly diskFolder: string;
  readonly disk: SmallDisk;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a private PostgreSQL, under an unprivileged user where we are root. */
export async function startPostgres({
  settings = {},
  diskMebibytes,
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  const cluster: Cluster = { binary: requireServer("postgres"), user: unprivilegedUser() };
  const folder = createTemporaryFolder("hooks-postgres");
  if (cluster.user !== undefined) chownSync(folder.path, cluster.user.uid, cluster.user.gid);
  createCluster(cluster, folder.path);
  const port = await freePort();
  const disk = createTemporaryFolder("hooks-postgres-disk");
  const diskFolder = disk.path;
  const place: Place = { ...cluster, folder: folder.path, port, settings, diskFolder, diskMebibytes };
  let child = await launchPostgres(place);

  /** Its backends are sessions of their own, so each is told by itself. */
  const signalAll = (name: NodeJS.Signals): readonly number[] => {
    const pids = child.running() ? childrenOf(child.pid) : [];
    child.signal(name);
    for (const pid of pids) signal(pid, name);
    return pids;
  };
  const kill = async () => {
    // Stopped first, so that none is born unseen.
    child.signal("SIGSTOP");
    const pids = signalAll("SIGKILL");
    await child.exited;
    await until(() => pids.every((pid) => !isThere(pid)), { what: "the end of the PostgreSQL backends" });
  };
  return {
    url: `postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`,
    port,
    get pid() {
      return child.pid;
    },
    diskFolder,
    get disk() {
      return smallDiskOf(child.pid, diskFolder);
    },
    kill,
    pause: () => void signalAll("SIGSTOP"),
    resume: () => void signalAll("SIGCONT"),
    restart: async () => {
      await kill();
      child = await launchPostgres(place);
    },
    stop: async () => {
      await kill();
      folder.remove();
      disk.remove();
    },
  };
}

interface Place extends Cluster {
  readonly port: number;
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly diskFolder: string;
  readonly diskMebibytes: number | undefined;
}

function launchPostgres(place: Place): Promise<Child> {
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    log_min_messages: "warning",
    ...place.settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return launch({
    title: "PostgreSQL",
    port: place.port,
    start: () => startServer(place, ["-D", place.folder, "-p", String(place.port), ...flags]),
    question: {
      hello: startupMessage(),
      // An authentication message, and not an error such as "the database system is starting up".
      isAnswer: (data) => data.toString("latin1").startsWith("R"),
    },
  });
}

function startServer(
  { binary, user, folder: cwd, diskFolder, diskMebibytes: mebibytes }: Place,
  args: readonly string[],
): Promise<Child> {
  if (mebibytes !== undefined) {
    const onDisk = onSmallDisk({ folder: diskFolder, mebibytes, user }, [binary, ...args]);
    return startChild("unshare", onDisk, { cwd });
  }
  return startChild(binary, args, { cwd, ...(user === undefined ? {} : { user }) });
}

/** The first message of protocol 3.0: its length, the protocol, and what is asked for. */
function startupMessage(): Buffer {
  const wish = Buffer.from(`user\0${SUPERUSER}\0database\0postgres\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + wish.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, wish]);
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && statOf(pid)?.parent === parent);
}

interface ProcessStat {
  readonly state: string | undefined;
  readonly parent: number;
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    // "pid (name) state parent …"; a name may have spaces and brackets in it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

/** One that has ended and that nobody has asked for is gone too. */
function isThere(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== "Z";
}
