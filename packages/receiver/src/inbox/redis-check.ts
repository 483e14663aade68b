import type { Redis } from "ioredis";
import type { Finding } from "../inbox.ts";

/** One row per fact that decides whether an acknowledged event survives. */
const checks: readonly Check[] = [
  { name: "appendonly", want: "yes", fault: "nothing is written to disk" },
  {
    name: "appendfsync",
    want: "always",
    fault: "acknowledged events of the last second are lost in a crash",
  },
  { name: "maxmemory-policy", want: "noeviction", fault: "waiting events and remembered ids may be evicted" },
];

interface Check {
  readonly name: string;
  readonly want: string;
  readonly fault: string;
}

/** Asks Redis how it is set up. A Redis that hides its configuration (as hosted ones do) gives warnings. */
export async function checkRedis(client: Redis): Promise<Finding[]> {
  const info = await client.info("server");
  const replication = await client.info("replication");
  const settings = await Promise.all(checks.map((check) => checkSetting(client, check)));
  return [checkVersion(field(info, "redis_version")), checkRole(field(replication, "role")), ...settings];
}

async function checkSetting(client: Redis, { name, want, fault }: Check): Promise<Finding> {
  const value = await client.config("GET", name).then(
    (reply) => (Array.isArray(reply) ? String(reply[1]) : undefined),
    () => undefined,
  );
  if (value === undefined)
    return { level: "warning", message: `Redis: ${name} cannot be read; it must be ${want}` };
  if (value === want) return { level: "ok", message: `Redis: ${name} ${value}` };
  return { level: "unsafe", message: `Redis: ${name} is ${value}, must be ${want}: ${fault}` };
}

function checkVersion(version: string): Finding {
  const major = Number.parseInt(version, 10);
  if (major >= 7) return { level: "ok", message: `Redis: version ${version}` };
  return { level: "warning", message: `Redis: version ${version}; tested with 7.0 and later` };
}

function checkRole(role: string): Finding {
  if (role === "master") return { level: "ok", message: "Redis: role master" };
  return { level: "unsafe", message: `Redis: role is ${role}, must be master: it takes no writes` };
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
}
