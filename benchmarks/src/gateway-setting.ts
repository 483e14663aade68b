import { readFileSync } from "node:fs";
import { generateSecret } from "@hooks/signing";
import { createTemporaryFolder, type RedisServer, startRedis, until } from "@hooks/testkit";
import type { Contender } from "./bench.ts";
import { createDrain, drainRate } from "./drain.ts";
import { emptyRedis } from "./empty-redis.ts";
import { createLoad, type Load, type Scheme } from "./load.ts";
import { quantile } from "./measure.ts";
import { startPeer } from "./peer-process.ts";
import type { Scope } from "./scope.ts";

export interface SettingOptions {
  /** Of each body. */
  readonly bytes: number;
  readonly appendfsync: "always" | "everysec";
  readonly scheme: Scheme;
  readonly measurement: Measurement;
  /** For how long each is loaded before its rate counts: it compiles its code as it runs it. */
  readonly warmUpMs: number;
}

/** What is measured of every contender. */
export type Measurement =
  /** Requests a second. */
  | { readonly kind: "rate" }
  /** Of so many requests a second: the milliseconds that this share of them did not exceed. */
  | { readonly kind: "latency"; readonly perSecond: number; readonly share: number }
  /** Resident megabytes with so many connections, after one request on each. */
  | { readonly kind: "memory"; readonly connections: number };

export interface ContenderOptions {
  readonly peer: string;
  readonly settings?: object;
  readonly target?: number;
  /** What it answers to a new event. Default 202. */
  readonly status?: number;
  /** Removes what a slice has left behind. Default: the contender gets a Redis, which is emptied. */
  readonly reset?: (url: string) => Promise<void>;
}

/** A contender that requests can be sent to, also by others. */
export interface LoadedContender extends Contender {
  readonly url: string;
}

/** What the contenders of one comparison share. */
export interface Setting {
  /** For files, of all of them. */
  readonly folder: string;
  /** Starts another Redis. */
  redis(): Promise<RedisServer>;
  contender(name: string, options: ContenderOptions): Promise<LoadedContender>;
}

export function createSetting(scope: Scope, options: SettingOptions): Setting {
  const { bytes, appendfsync, scheme, measurement, warmUpMs } = options;
  const secret = generateSecret();
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: () => folder.remove() });
  const redis = async () =>
    // Rewriting the log would fall on some slices and not on others; it is rewritten between them.
    scope.add(await startRedis({ appendfsync, args: ["--auto-aof-rewrite-percentage", "0"] }));

  const contender = async (name: string, given: ContenderOptions) => {
    const { peer, settings, target, status, reset } = given;
    const own = reset === undefined ? await redis() : undefined;
    const shared = { secret, scheme, folder: folder.path, redisPort: own?.port };
    const process = scope.add(await startPeer(peer, { ...shared, ...settings }));
    const url = String(process.ready);
    const connections = measurement.kind === "memory" ? { connections: measurement.connections } : {};
    const load = scope.add(createLoad({ url, secret, scheme, bytes, status, ...connections }));
    const measureOnce = createMeasure(measurement, { load, pid: process.pid, warmUpMs });
    const measure = async (ms: number) => {
      const result = await Promise.resolve(measureOnce(ms)).catch((cause: unknown) => {
        throw new Error(`${name} failed`, { cause });
      });
      await (own === undefined ? reset?.(url) : emptyRedis(own));
      return result;
    };
    return { name, target, measure, url };
  };
  return { folder: folder.path, redis, contender };
}

interface Loaded {
  readonly load: Load;
  /** Of what it is loaded on. */
  readonly pid: number;
  readonly warmUpMs: number;
}

function createMeasure(measurement: Measurement, { load, pid, warmUpMs }: Loaded): Contender["measure"] {
  switch (measurement.kind) {
    case "rate":
      return drainRate(createDrain(load, { first: 4_000, warmUpMs }));
    case "latency": {
      const { perSecond, share } = measurement;
      return async (ms) => {
        await load.prepare(Math.ceil((perSecond * ms) / 1_000));
        return quantile(await load.pace(perSecond), share);
      };
    }
    case "memory":
      return async () => {
        await load.hold();
        return residentBytes(pid) / 1_000_000;
      };
  }
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}

/** Waits until a gateway has nothing left to relay. */
export async function untilRelayed(url: string): Promise<void> {
  const metrics = new URL("/metrics", url);
  const isEmpty = async () => {
    const text = await (await fetch(metrics)).text();
    return /^hooks_gateway_inbox_waiting\{.*\} 0$/m.test(text);
  };
  await until(isEmpty, { timeoutMs: 60_000, everyMs: 50, what: "an empty inbox" });
}
