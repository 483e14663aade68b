import { generateSecret } from "@hooks/signing";
import { createTemporaryFolder, type RedisServer, startRedis, until } from "@hooks/testkit";
import type { BenchOptions, Comparison, Contender } from "./bench.ts";
import { createDrain, drainRate } from "./drain.ts";
import { emptyRedis } from "./empty-redis.ts";
import { createLoad, type Scheme } from "./load.ts";
import { startPeer } from "./peer-process.ts";
import { createScope, type Scope } from "./scope.ts";

interface Case {
  readonly name: string;
  readonly bytes: number;
  readonly appendfsync: "always" | "everysec";
  readonly scheme: Scheme;
  readonly contenders: (setting: Setting, one: Case) => Promise<Pick<Comparison, "ours" | "others">>;
}

const standard = { scheme: "standard-webhooks", contenders: standardContenders } as const;

const cases: readonly Case[] = [
  { name: "1 kB, fsync always", bytes: 1_000, appendfsync: "always", ...standard },
  { name: "10 kB, fsync always", bytes: 10_000, appendfsync: "always", ...standard },
  { name: "1 kB, fsync everysec", bytes: 1_000, appendfsync: "everysec", ...standard },
  { name: "10 kB, fsync everysec", bytes: 10_000, appendfsync: "everysec", ...standard },
  {
    name: "1 kB as GitHub's, fsync everysec",
    bytes: 1_000,
    appendfsync: "everysec",
    scheme: "github",
    contenders: gitHubContenders,
  },
];

/**
 * Requests a second that are verified, deduplicated, enqueued and answered. Every contender is a process of its own
 * with a Redis of its own; all get the same load from the bench's process.
 */
export async function* gateway({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  for (const one of cases) {
    const scope = createScope();
    try {
      yield {
        name: one.name,
        unit: "request/s",
        better: "higher",
        // Short turns, so that what else the machine does falls on all of a round alike.
        rounds: quick ? 3 : 15,
        sliceMs: 300,
        ...(await one.contenders(createSetting(scope, one), one)),
      };
    } finally {
      await scope.stop();
    }
  }
}

async function standardContenders(
  setting: Setting,
  { appendfsync }: Case,
): Promise<Pick<Comparison, "ours" | "others">> {
  const durability = appendfsync === "always" ? "strict" : "relaxed";
  const { redis, contender, folder } = setting;
  const relaying = await redis();
  const ours = await redisGateway(setting, durability);
  const svix = await contender("express + svix + SET NX + BullMQ add", { peer: "gateway-svix", target: 2.2 });
  const bare = await contender("bare node:http + HMAC + one Lua call", {
    peer: "gateway-bare",
    target: 0.75,
  });
  const relayed = await contender("gateway, also relaying to a Redis stream", {
    peer: "gateway-hooks",
    settings: { inboxUrl: relaying.url, durability, relayUrl: relaying.url },
    reset: (url) => untilRelayed(url).then(() => emptyRedis(relaying)),
  });
  // SQLite syncs every commit; there is no weaker setting to set beside `everysec`.
  if (appendfsync === "everysec") return { ours, others: [svix, bare, relayed] };
  const embedded = await contender("gateway, SQLite inbox", {
    peer: "gateway-hooks",
    settings: { inboxUrl: `sqlite:${folder}/gateway.db`, durability },
    reset: async () => {},
  });
  return { ours, others: [svix, bare, relayed, embedded] };
}

async function gitHubContenders(setting: Setting): Promise<Pick<Comparison, "ours" | "others">> {
  const octokit = await setting.contender("@octokit/webhooks + SET NX + BullMQ add", {
    peer: "gateway-octokit",
    status: 200,
  });
  return { ours: await redisGateway(setting, "relaxed"), others: [octokit] };
}

async function redisGateway(
  { redis, contender }: Setting,
  durability: "strict" | "relaxed",
): Promise<Contender> {
  const own = await redis();
  return contender("gateway, Redis inbox", {
    peer: "gateway-hooks",
    settings: { inboxUrl: own.url, durability },
    reset: () => emptyRedis(own),
  });
}

interface ContenderOptions {
  readonly peer: string;
  readonly settings?: object;
  readonly target?: number;
  /** What it answers to a new event. Default 202. */
  readonly status?: number;
  /** Removes what a slice has left behind. Default: the contender gets a Redis, which is emptied. */
  readonly reset?: (url: string) => Promise<void>;
}

/** What the contenders of one comparison share. */
interface Setting {
  /** For files, of all of them. */
  readonly folder: string;
  /** Starts another Redis. */
  redis(): Promise<RedisServer>;
  contender(name: string, options: ContenderOptions): Promise<Contender>;
}

function createSetting(scope: Scope, { bytes, appendfsync, scheme }: Case): Setting {
  const secret = generateSecret();
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: () => folder.remove() });
  const redis = async () =>
    // Rewriting the log would fall on some slices and not on others; it is rewritten between them.
    scope.add(await startRedis({ appendfsync, args: ["--auto-aof-rewrite-percentage", "0"] }));

  const contender = async (name: string, options: ContenderOptions) => {
    const { peer, settings, target, status, reset } = options;
    const own = reset === undefined ? await redis() : undefined;
    const shared = { secret, scheme, folder: folder.path, redisPort: own?.port };
    const process = scope.add(await startPeer(peer, { ...shared, ...settings }));
    const url = String(process.ready);
    const load = scope.add(createLoad({ url, secret, scheme, bytes, status }));
    const drain = drainRate(createDrain(load, { first: 4_000 }));
    const measure = async (ms: number) => {
      const perSecond = await drain(ms);
      await (own === undefined ? reset?.(url) : emptyRedis(own));
      return perSecond;
    };
    return { name, target, measure };
  };
  return { folder: folder.path, redis, contender };
}

/** Waits until a gateway has nothing left to relay. */
async function untilRelayed(url: string): Promise<void> {
  const metrics = new URL("/metrics", url);
  const isEmpty = async () => {
    const text = await (await fetch(metrics)).text();
    return /^hooks_gateway_inbox_waiting\{.*\} 0$/m.test(text);
  };
  await until(isEmpty, { timeoutMs: 60_000, everyMs: 50, what: "an empty inbox" });
}
