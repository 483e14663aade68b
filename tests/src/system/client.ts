import { setTimeout as wait } from "node:timers/promises";
import { Agent, errors, request } from "undici";
import type { Run } from "../chaos/run.ts";

/** What a client learns from one try. */
export type Answer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly json: Readonly<Record<string, unknown>>;
      readonly retryAfter: string | undefined;
      readonly startedAtMs: number;
      readonly endedAtMs: number;
    }
  /** Nobody listened: nothing can have been taken. */
  | { readonly kind: "unreachable" }
  /** The connection ended, or time ran out, before the answer. */
  | { readonly kind: "ambiguous"; readonly reason: string };

export interface Client {
  post(path: string, body: Uint8Array | string, headers: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

/** Posts over kept connections, without trying anything again. */
export function createClient(url: string, { connections = 32 } = {}): Client {
  const agent = new Agent({
    connections,
    pipelining: 1,
    // Longer than a machine stands still: who has no answer then has asked a process that is gone.
    connectTimeout: 10_000,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  });
  return {
    close: () => agent.destroy(),
    post: async (path, body, headers) => {
      const startedAtMs = Date.now();
      try {
        const response = await request(`${url}${path}`, { method: "POST", dispatcher: agent, headers, body });
        const json = (await response.body.json()) as Record<string, unknown>;
        const retryAfter = response.headers["retry-after"];
        return {
          kind: "answered",
          status: response.statusCode,
          json,
          retryAfter: retryAfter === undefined ? undefined : String(retryAfter),
          startedAtMs,
          endedAtMs: Date.now(),
        };
      } catch (error) {
        return classify(error);
      }
    },
  };
}

function classify(error: unknown): Answer {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ECONNREFUSED" || error instanceof errors.ConnectTimeoutError) return { kind: "unreachable" };
  if (error instanceof SyntaxError) return { kind: "ambiguous", reason: "answer cut off" };
  return { kind: "ambiguous", reason: code };
}

export interface Submission {
  readonly id: string;
  readonly post: () => Promise<Answer>;
  /** Gets every answer that is neither 2xx nor 503. */
  readonly onRefusal: (answer: Extract<Answer, { kind: "answered" }>) => never;
  readonly deadlineMs: number;
}

/** Of a 503 after which it may have been taken all the same: the store died, or was late, before it could tell. */
const openCodes = new Set<unknown>(["queue_unavailable", "durability_unavailable", "storage_unavailable"]);

/** Tries until a 2xx comes, always with the same id: only a 2xx counts as taken. Records what the client saw. */
export async function submit(run: Run, submission: Submission): Promise<void> {
  const { id, post, onRefusal, deadlineMs } = submission;
  run.record({ kind: "attempted", id });
  while (Date.now() < deadlineMs) {
    const answer = await post();
    if (answer.kind === "ambiguous") run.record({ kind: "ambiguous", id, reason: answer.reason });
    else if (answer.kind === "unreachable") run.record({ kind: "refused", id, reason: "unreachable" });
    else if (answer.status >= 200 && answer.status < 300) {
      run.record({ kind: "acknowledged", id, repeated: answer.json["duplicate"] === true });
      return;
    } else if (answer.status === 503) {
      const { code } = answer.json;
      run.record({ kind: openCodes.has(code) ? "ambiguous" : "refused", id, reason: String(code) });
    } else onRefusal(answer);
    await wait(10 + run.random.next() * 40);
  }
  throw new Error(`${id} was not acknowledged before the deadline`);
}

/** Does `work` for 0 to `total - 1`, so many at a time. */
export async function inParallel(
  total: number,
  workers: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let index = next++; index < total; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: workers }, one));
}
