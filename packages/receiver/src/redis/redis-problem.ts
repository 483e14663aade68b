import { Cluster } from "ioredis";
import type { RedisClient } from "./connect-redis.ts";

/** Why a client is not connected. */
const problems = new WeakMap<object, string>();

/** Remembers why a client is not connected; without a listener the same error would end the process. */
export function watchProblems(client: RedisClient): void {
  problems.set(client, "it is not connected yet");
  const tell = (reason: string) => problems.set(client, reason);
  if (client instanceof Cluster) {
    client.on("node error", (error, node) => tell(`${node}: ${error.message}`));
    // It says no more than that all nodes failed.
    client.on("error", () => {});
  } else {
    client.on("error", ({ message }) => tell(message));
  }
  client.on("ready", () => problems.delete(client));
  client.on("close", () => problems.has(client) || tell("the connection was closed"));
}

/**
 * What an error means, in one sentence: which Redis, and while it is not connected, why. Neither user nor password, nor what
 * was asked, which the errors of the client have.
 */
export function describeProblem(client: RedisClient, error: unknown): string {
  const problem = client.status === "ready" ? undefined : problems.get(client);
  const reason = problem ?? (error instanceof Error ? error.message : String(error));
  return `${titleOf(client)} did not answer as it should: ${reason}`;
}

/** Such as `Redis at 127.0.0.1:6379`, or at its sentinels. */
function titleOf(client: RedisClient): string {
  if (client instanceof Cluster) return "Redis Cluster";
  const { host, port, path, sentinels } = client.options;
  const servers = sentinels ?? [{ host, port }];
  return `Redis at ${path ?? servers.map((server) => `${server.host}:${server.port}`).join(", ")}`;
}
