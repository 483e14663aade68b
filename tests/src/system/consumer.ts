import { type Sink, startSink } from "@hooks/testkit";
import type { SinkRequest } from "@hooks/testkit";
import type { Run } from "../chaos/run.ts";
import type { History } from "../chaos/history.ts";

/** The receiver at the end: `/gateway` is what the gateway forwards, `/direct` what the sender delivers itself. */
export interface Consumer {
  readonly sink: Sink;
  requests(path: string): readonly SinkRequest[];
  /** Different events that came to this path. */
  distinct(path: string): number;
  /** The run's history with what this path consumed. */
  historyOf(run: Run, path: string): History;
}

export async function startConsumer(delayMs: (path: string) => number = () => 0): Promise<Consumer> {
  const sink = await startSink();
  sink.answerWith(({ path }) => ({ delayMs: delayMs(path) }));
  const requests = (path: string) => sink.requests.filter((request) => request.path === path);
  return {
    sink,
    requests,
    distinct: (path) => new Set(requests(path).map(idOf)).size,
    historyOf: (run, path) => [
      ...run.history,
      ...requests(path).map(
        (request) => ({ kind: "consumed", id: idOf(request), atMs: request.atMs }) as const,
      ),
    ],
  };
}

export function idOf({ headers }: SinkRequest): string {
  return String(headers["webhook-id"]);
}
