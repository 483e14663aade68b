import type { BenchOptions, Comparison, Contender } from "./bench.ts";
import { emptyRedis } from "./empty-redis.ts";
import { createSetting, type Setting, type SettingOptions, untilRelayed } from "./gateway-setting.ts";
import { createScope } from "./scope.ts";

interface Case extends Omit<SettingOptions, "warmUpMs"> {
  readonly name: string;
  readonly contenders: (setting: Setting, one: Case) => Promise<Pick<Comparison, "ours" | "others">>;
}

const rate = {
  scheme: "standard-webhooks",
  measurement: { kind: "rate" },
  contenders: rateContenders,
} as const;

/** A rate that everybody keeps up with. */
const even = { kind: "latency", perSecond: 500 } as const;
const latency = {
  ...rate,
  bytes: 1_000,
  appendfsync: "always",
  contenders: async (setting: Setting, one: Case) => {
    const { ours, peers } = await peersOf(setting, one);
    return { ours, others: [...peers, await sqliteGateway(setting)] };
  },
} as const;

const cases: readonly Case[] = [
  { ...rate, name: "1 kB, fsync always", bytes: 1_000, appendfsync: "always" },
  { ...rate, name: "10 kB, fsync always", bytes: 10_000, appendfsync: "always" },
  { ...rate, name: "1 kB, fsync everysec", bytes: 1_000, appendfsync: "everysec" },
  { ...rate, name: "10 kB, fsync everysec", bytes: 10_000, appendfsync: "everysec" },
  {
    ...rate,
    name: "1 kB as GitHub's, fsync everysec",
    bytes: 1_000,
    appendfsync: "everysec",
    scheme: "github",
    contenders: gitHubContenders,
  },
  { ...latency, name: "p50 at 500/s, 1 kB, fsync always", measurement: { ...even, share: 0.5 } },
  { ...latency, name: "p99 at 500/s, 1 kB, fsync always", measurement: { ...even, share: 0.99 } },
  {
    ...rate,
    name: "resident, 1,000 connections",
    bytes: 1_000,
    appendfsync: "everysec",
    measurement: { kind: "memory", connections: 1_000 },
    contenders: async (setting, one) => {
      const { ours, peers } = await peersOf(setting, one);
      return { ours, others: peers };
    },
  },
];

/**
 * Requests that are verified, deduplicated, enqueued and answered: how many a second, how soon, in how much memory. Every
 * contender is a process of its own with a Redis of its own; all get the same load from the bench's process.
 */
export async function* gateway({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  for (const one of quick ? cases.filter(isLook) : cases) {
    const scope = createScope();
    try {
      const setting = createSetting(scope, { ...one, warmUpMs: 2_000 });
      yield { name: one.name, ...toTurns(one, quick), ...(await one.contenders(setting, one)) };
    } finally {
      await scope.stop();
    }
  }
}

/** A look must not take longer than two minutes. */
function isLook({ bytes, appendfsync }: Case): boolean {
  return bytes === 1_000 || appendfsync === "always";
}

function toTurns({ measurement }: Case, quick: boolean) {
  switch (measurement.kind) {
    case "rate":
      // Short turns, so that what else the machine does falls on all of a round alike.
      return { unit: "request/s", better: "higher", rounds: quick ? 3 : 15, sliceMs: 300 } as const;
    case "latency":
      return { unit: "ms", better: "lower", rounds: quick ? 3 : 15, sliceMs: quick ? 500 : 1_000 } as const;
    case "memory":
      return { unit: "MB", better: "lower", rounds: 3, sliceMs: 0 } as const;
  }
}

async function rateContenders(setting: Setting, one: Case): Promise<Pick<Comparison, "ours" | "others">> {
  const durability = durabilityOf(one);
  const { redis, contender } = setting;
  const relaying = await redis();
  const { ours, peers } = await peersOf(setting, one);
  const relayed = await contender("gateway, also relaying to a Redis stream", {
    peer: "gateway-hooks",
    settings: { inboxUrl: relaying.url, durability, relayUrl: relaying.url },
    reset: (url) => untilRelayed(url).then(() => emptyRedis(relaying)),
  });
  const several = await redisGateway(setting, { name: "gateway, two workers", durability, workers: 2 });
  const others = [...peers, relayed, several];
  // SQLite syncs every commit; there is no weaker setting to set beside `everysec`.
  return { ours, others: durability === "strict" ? [...others, await sqliteGateway(setting)] : others };
}

/** Ours, and what it has to be measured by. */
async function peersOf(setting: Setting, one: Case) {
  const isRate = one.measurement.kind === "rate";
  const ours = await redisGateway(setting, { name: "gateway, Redis inbox", durability: durabilityOf(one) });
  const svix = await setting.contender("express + svix + SET NX + BullMQ add", {
    peer: "gateway-svix",
    ...(isRate ? { target: 2.2 } : {}),
  });
  const bare = await setting.contender("bare node:http + HMAC + one Lua call", {
    peer: "gateway-bare",
    ...(isRate ? { target: 0.75 } : {}),
  });
  return { ours, peers: [svix, bare] };
}

async function gitHubContenders(setting: Setting): Promise<Pick<Comparison, "ours" | "others">> {
  const octokit = await setting.contender("@octokit/webhooks + SET NX + BullMQ add", {
    peer: "gateway-octokit",
    status: 200,
  });
  const ours = await redisGateway(setting, { name: "gateway, Redis inbox", durability: "relaxed" });
  return { ours, others: [octokit] };
}

interface GatewayOptions {
  readonly name: string;
  readonly durability: "strict" | "relaxed";
  readonly workers?: number;
}

async function redisGateway(
  { redis, contender }: Setting,
  { name, ...options }: GatewayOptions,
): Promise<Contender> {
  const own = await redis();
  return contender(name, {
    peer: "gateway-hooks",
    settings: { inboxUrl: own.url, ...options },
    reset: () => emptyRedis(own),
  });
}

function sqliteGateway({ contender, folder }: Setting): Promise<Contender> {
  return contender("gateway, SQLite inbox", {
    peer: "gateway-hooks",
    settings: { inboxUrl: `sqlite:${folder}/gateway.db`, durability: "strict" },
    reset: async () => {},
  });
}

function durabilityOf({ appendfsync }: Case) {
  return appendfsync === "always" ? "strict" : "relaxed";
}
