import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { until } from "./until.ts";

export interface RedisClusterOptions {
  /** Each has a share of the slots. Default 3, the least that Redis takes for a cluster. */
  readonly primaries?: number;
  /** For each of the primaries. Default 0. */
  readonly replicas?: number;
  /** After so long without an answer a node counts as failed. Default 5,000: a disk may take seconds. */
  readonly nodeTimeoutMs?: number;
}

/** A private Redis Cluster. */
export interface RedisCluster {
  /** Where to begin: every node, in the order of `nodes`. */
  readonly urls: readonly string[];
  /** The primaries of the beginning, then their replicas. */
  readonly nodes: readonly RedisServer[];
  /** The primary that a key is kept by now. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Moves the slot of a key to another primary with all that is in it, key by key, as resharding does. */
  move(key: string, to: RedisServer): Promise<void>;
  /** Ends all nodes and removes their data. */
  stop(): Promise<void>;
}

const slotCount = 16_384;

/** Starts a private Redis Cluster; its nodes are durable as `startRedis` makes them. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { primaries = 3, replicas = 0, nodeTimeoutMs = 5_000 } = options;
  const count = primaries * (1 + replicas);
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(nodeTimeoutMs)));
  const clients = new Map(nodes.map((node) => [node.server, connect(node.server)]));
  const stop = async () => {
    for (const client of clients.values()) client.disconnect();
    await Promise.all(nodes.map(({ server }) => server.stop()));
  };
  const clientOf = (server: RedisServer) => clients.get(server) ?? connect(server);
  try {
    await form({ nodes: nodes.map((node) => ({ ...node, client: clientOf(node.server) })), primaries });
  } catch (error) {
    await stop();
    throw error;
  }
  const ownerOf = async (key: string) => {
    const slot = await slotOf(clientOf, nodes, key);
    return until(async () => {
      for (const { server } of nodes) {
        const client = clientOf(server);
        if (client.status !== "ready") continue;
        const lines = String(await client.cluster("NODES")).split("\n");
        const own = lines.find((line) => line.includes("myself,master")) ?? "";
        const ranges = own
          .split(" ")
          .slice(8)
          .map((range) => range.split("-").map(Number));
        if (ranges.some(([first = NaN, last = first]) => first <= slot && slot <= last)) return server;
      }
      return undefined;
    });
  };
  return {
    urls: nodes.map(({ server }) => server.url),
    nodes: nodes.map(({ server }) => server),
    ownerOf,
    move: async (key, to) => {
      const from = await ownerOf(key);
      const slot = await slotOf(clientOf, nodes, key);
      await moveSlot(slot, { from: clientOf(from), to: clientOf(to), port: to.port });
    },
    stop,
  };
}

interface Node {
  readonly server: RedisServer;
  /** Of the port the nodes talk to each other at. */
  readonly busPort: number;
}

async function startNode(nodeTimeoutMs: number, triesLeft = 3): Promise<Node> {
  const busPort = await freePort();
  const settings = {
    "cluster-enabled": "yes",
    "cluster-config-file": "nodes.conf",
    "cluster-port": String(busPort),
    "cluster-node-timeout": String(nodeTimeoutMs),
    // What one node has can be used while another is away.
    "cluster-require-full-coverage": "no",
    "repl-diskless-sync-delay": "0",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  try {
    return { server: await startRedis({ args }), busPort };
  } catch (error) {
    // Of so many free ports one may be taken by the time its node wants it.
    if (triesLeft === 0) throw error;
    return startNode(nodeTimeoutMs, triesLeft - 1);
  }
}

interface Formation {
  readonly nodes: readonly (Node & { readonly client: Redis })[];
  readonly primaries: number;
}

/** Makes one cluster of nodes that do not know each other. */
async function form({ nodes, primaries }: Formation): Promise<void> {
  const share = Math.ceil(slotCount / primaries);
  const [first, ...others] = nodes;
  for (const [index, { client }] of nodes.slice(0, primaries).entries()) {
    const last = Math.min((index + 1) * share, slotCount) - 1;
    await client.call("CLUSTER", "ADDSLOTSRANGE", index * share, last);
  }
  for (const [index, { client }] of nodes.entries())
    await client.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
  for (const { server, busPort } of others) {
    await first?.client.call("CLUSTER", "MEET", "127.0.0.1", server.port, busPort);
  }
  const knowsAll = async ({ client }: { readonly client: Redis }) =>
    String(await client.cluster("INFO")).includes(`cluster_known_nodes:${nodes.length}`);
  for (const node of nodes) await until(() => knowsAll(node), { what: "nodes that know each other" });
  for (const [index, { client }] of nodes.entries()) {
    const primary = nodes[index % primaries];
    if (index < primaries || primary === undefined) continue;
    const id = await primary.client.cluster("MYID");
    await until(async () => (await client.call("CLUSTER", "REPLICATE", String(id))) === "OK");
  }
  for (const [index, { client }] of nodes.entries()) {
    await until(
      async () => {
        const info = String(await client.cluster("INFO"));
        const isLinked = index < primaries || /master_link_status:up/.test(await client.info("replication"));
        return info.includes("cluster_state:ok") && info.includes("cluster_slots_ok:16384") && isLinked;
      },
      { what: "a whole cluster" },
    );
  }
}

function connect({ url }: RedisServer): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 1 });
  // A node that a test has ended.
  client.on("error", () => {});
  return client;
}

async function slotOf(clientOf: (server: RedisServer) => Redis, nodes: readonly Node[], key: string) {
  const client = nodes.map(({ server }) => clientOf(server)).find(({ status }) => status === "ready");
  return Number(await client?.cluster("KEYSLOT", key));
}

interface Move {
  readonly from: Redis;
  readonly to: Redis;
  readonly port: number;
}

async function moveSlot(slot: number, { from, to, port }: Move): Promise<void> {
  const [source, target] = (await Promise.all([from.cluster("MYID"), to.cluster("MYID")])).map(String);
  await to.call("CLUSTER", "SETSLOT", slot, "IMPORTING", source ?? "");
  await from.call("CLUSTER", "SETSLOT", slot, "MIGRATING", target ?? "");
  // After a stall the other one may refuse for a moment, as if the cluster were down.
  await until(
    async () => {
      const keys = (await from.call("CLUSTER", "GETKEYSINSLOT", slot, 10)) as string[];
      if (keys.length === 0) return true;
      await from.call("MIGRATE", "127.0.0.1", port, "", 0, 30_000, "REPLACE", "KEYS", ...keys);
      return false;
    },
    { everyMs: 0, what: "an empty slot" },
  );
  for (const client of [to, from]) await client.call("CLUSTER", "SETSLOT", slot, "NODE", target ?? "");
}
