import type { Redis } from "ioredis";
import type { Finding } from "../inbox.ts";
import type { InboxClient } from "./redis-client.ts";

/** One row per setting that decides whether an acknowledged event survives. */
const settings: readonly Setting[] = [
  {
    name: "appendonly",
    want: "yes",
    fault: "nothing is written to disk",
    fromInfo: (info) => (field(info, "aof_enabled") === "1" ? "yes" : "no"),
  },
  {
    name: "appendfsync",
    want: "always",
    fault: "acknowledged events of the last second are lost in a crash",
  },
  {
    name: "maxmemory-policy",
    want: "noeviction",
    fault: "waiting events and remembered ids may be evicted",
    fromInfo: (info) => field(info, "maxmemory_policy"),
  },
];

interface Setting {
  readonly name: string;
  readonly want: string;
  readonly fault: string;
  /** Where else it can be seen when the configuration is hidden. */
  readonly fromInfo?: (info: string) => string | undefined;
}

export interface CheckOptions {
  /** How many replicas are demanded. */
  readonly replicas: number;
  readonly nowMs: number;
}

/**
 * Asks Redis, or every primary of a cluster, how it is set up and how it does. A Redis that hides its configuration (as
 * hosted ones do) gives warnings for what cannot be seen otherwise.
 */
export async function checkRedis(client: InboxClient, options: CheckOptions): Promise<readonly Finding[]> {
  const primaries = client.primaries();
  const checked = await Promise.all(
    primaries.map(async (primary) => {
      const { host, port } = primary.options;
      const title = client.isCluster ? `Redis ${host}:${port}` : "Redis";
      const checking = checkServer(primary, options);
      // A cluster goes on without one of its nodes.
      const findings = await (client.isCluster ? checking.catch(() => [unreachable]) : checking);
      return findings.map(({ level, message }) => ({
        level,
        message: `${level === "ok" ? "Redis" : title}: ${message}`,
      }));
    }),
  );
  // What is well with every node of a cluster is said once.
  return [...new Map(checked.flat().map((finding) => [finding.message, finding])).values()];
}

const unreachable: Finding = { level: "warning", message: "it cannot be reached, so it cannot be checked" };

async function checkServer(server: Redis, { replicas, nowMs }: CheckOptions): Promise<Finding[]> {
  const info = await server.info();
  // Where it may not be asked, nothing is said of it.
  const [seconds] = await server.time().catch(() => []);
  return [
    checkVersion(field(info, "redis_version") ?? ""),
    checkRole(field(info, "role") ?? "unknown"),
    ...(await Promise.all(settings.map((setting) => checkSetting(server, info, setting)))),
    ...checkLog(info),
    ...(await checkDatabase(server)),
    ...checkReplicas(info, replicas),
    ...(seconds === undefined ? [] : checkClock(Number(seconds) * 1_000, nowMs)),
    ...(await checkCluster(server, info)),
  ];
}

async function checkSetting(server: Redis, info: string, setting: Setting): Promise<Finding> {
  const { name, want, fault, fromInfo } = setting;
  const configured = await server.config("GET", name).then(
    (reply) => (Array.isArray(reply) && reply.length > 1 ? String(reply[1]) : undefined),
    () => undefined,
  );
  const value = configured ?? fromInfo?.(info);
  if (value === undefined) return { level: "warning", message: `${name} cannot be read; it must be ${want}` };
  if (value === want) return { level: "ok", message: `${name} ${value}` };
  return { level: "unsafe", message: `${name} is ${value}, must be ${want}: ${fault}` };
}

function checkVersion(version: string): Finding {
  if (Number.parseInt(version, 10) >= 7) return { level: "ok", message: `version ${version}` };
  return { level: "unsafe", message: `version is ${version}, must be 7.0 or later: the scripts need it` };
}

function checkRole(role: string): Finding {
  if (role === "master") return { level: "ok", message: "role master" };
  return { level: "unsafe", message: `role is ${role}, must be master: it takes no writes` };
}

function checkLog(info: string): Finding[] {
  const isFailing = field(info, "aof_last_write_status") === "err";
  const message = "its last write to the append-only file failed: the disk is full or broken";
  return isFailing ? [{ level: "unsafe", message }] : [];
}

/** A client whose database does not exist stays in the first one. */
async function checkDatabase(server: Redis): Promise<Finding[]> {
  const { db: wanted = 0 } = server.options;
  const used = await server.client("INFO").then(
    (info) => /\bdb=(\d+)/.exec(String(info))?.[1],
    () => undefined,
  );
  if (used === undefined || Number(used) === wanted) return [];
  const message = `its database ${wanted} cannot be used, so events would go to database ${used}`;
  return [{ level: "unsafe", message }];
}

function checkReplicas(info: string, wanted: number): Finding[] {
  if (wanted === 0) return [];
  const online = info.match(/^slave\d+:.*state=online/gm)?.length ?? 0;
  const message = `${online} of ${wanted} replicas demanded are online`;
  // Not unsafe: what they do not have is refused.
  return [{ level: online >= wanted ? "ok" : "warning", message }];
}

/** Far below what timestamps of signatures may be off by, which is minutes. */
const clocksApartMs = 5_000;

/** One of the two is wrong. Leases and waits go by that of Redis. */
function checkClock(theirsMs: number, oursMs: number): Finding[] {
  const apartMs = Math.abs(theirsMs - oursMs);
  if (apartMs <= clocksApartMs) return [];
  const message = `its clock and the one here are ${Math.round(apartMs / 1_000)} s apart: timestamps of signatures go by the one here`;
  return [{ level: "warning", message }];
}

async function checkCluster(server: Redis, info: string): Promise<Finding[]> {
  if (field(info, "cluster_enabled") !== "1") return [];
  const state = field(String(await server.cluster("INFO")), "cluster_state") ?? "unknown";
  return [
    state === "ok"
      ? { level: "ok", message: "cluster state ok" }
      : { level: "warning", message: `cluster state is ${state}: events of some sources may be refused` },
  ];
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
}
