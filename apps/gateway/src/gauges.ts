import { memoryUsage } from "node:process";
import type { Inbox } from "@hooks/receiver";
import type { Gauge } from "./metrics.ts";

interface Around {
  readonly sources: readonly string[];
  readonly workers: number;
  readonly isDurable: boolean;
}

/** What is measured when it is asked for. Sources whose inbox does not answer are left out. */
export async function readGauges(
  inbox: Pick<Inbox, "depth">,
  { sources, workers, isDurable }: Around,
): Promise<Gauge[]> {
  const depths = await Promise.all(
    sources.map(async (source): Promise<Gauge[]> => {
      const depth = await inbox.depth(source).catch(() => undefined);
      if (depth === undefined) return [];
      const labels = { source };
      return [
        { name: "hooks_gateway_inbox_waiting", labels, value: depth.waiting },
        { name: "hooks_gateway_inbox_dead", labels, value: depth.dead },
      ];
    }),
  );
  return [
    ...depths.flat(),
    { name: "hooks_gateway_inbox_durable", labels: {}, value: isDurable ? 1 : 0 },
    { name: "hooks_gateway_workers", labels: {}, value: workers },
    { name: "process_resident_memory_bytes", labels: {}, value: memoryUsage.rss() },
    { name: "process_start_time_seconds", labels: {}, value: performance.timeOrigin / 1_000 },
  ];
}
