import { InboxUnavailable } from "../inbox.ts";
import { ask, type InboxClient, type Scripts } from "./redis-client.ts";

export interface ReplicatedOptions {
  readonly client: InboxClient;
  readonly replicas: number;
  readonly timeoutMs: number;
}

interface Call {
  readonly command: "hooksAccept" | "hooksAcceptBatch";
  readonly args: Parameters<Scripts["hooksAccept"]>;
}

/**
 * Sends calls and one `WAIT` right behind them on the same connection, so that it covers what they wrote, and gives their
 * replies once so many replicas have it. In a cluster the calls must be about keys of one slot.
 */
export async function sendReplicated(
  options: ReplicatedOptions,
  calls: readonly Call[],
): Promise<readonly (readonly number[])[]> {
  const { client, replicas, timeoutMs } = options;
  const [count, replies] = await ask(
    client.isCluster ? sendToCluster(options, calls) : sendToOne(options, calls),
    { client, timeoutMs },
  );
  if (count >= replicas) return replies;
  const message = `${count} of ${replicas} replicas have the event`;
  throw new InboxUnavailable(message, { code: "durability_unavailable" });
}

type Replicated = readonly [replicas: number, replies: readonly (readonly number[])[]];

async function sendToOne(options: ReplicatedOptions, calls: readonly Call[]): Promise<Replicated> {
  const { client, replicas } = options;
  const replies = Promise.all(calls.map(({ command, args }) => client[command](...args)));
  const [count, all] = await Promise.all([client.wait(replicas, patienceMs(options)), replies]);
  return [count, all];
}

async function sendToCluster(options: ReplicatedOptions, calls: readonly Call[]): Promise<Replicated> {
  for (let tries = 1; ; tries++) {
    // A pipeline goes to one node over one connection. It has the scripts' commands, which its type does not know.
    const pipeline = options.client.pipeline();
    for (const { command, args } of calls) (pipeline as unknown as Scripts)[command](...args);
    pipeline.wait(options.replicas, patienceMs(options));
    const results = (await pipeline.exec()) ?? [];
    const [error] = results.find(([failure]) => failure !== null) ?? [];
    if (error === undefined || error === null) {
      const replies = results.map(([, reply]) => reply);
      // The last is of `WAIT`, the others of the scripts, in their order.
      return [Number(replies.pop()), replies as number[][]];
    }
    // The client follows only where a whole pipeline failed, and `WAIT` works anywhere.
    if (tries > 1 || !error.message.startsWith("MOVED")) throw error;
    await options.client.refresh();
  }
}

/** Redis looks at the clock ten times a second: half of the time leaves it room to answer. */
function patienceMs({ timeoutMs }: ReplicatedOptions): number {
  return Math.ceil(timeoutMs / 2);
}
