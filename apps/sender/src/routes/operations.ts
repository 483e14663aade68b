import { Refusal } from "../problem.ts";
import { defineRoute, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";

/** What the platform asks: does it live, may it get requests, how is it doing. Open to everybody who can connect. */
export function operationRoutes({ sender, metrics, isOpen }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/healthz",
      operationId: "getHealth",
      summary: "Whether the process lives",
      success: { status: 200, description: "It does", schema: "Health" },
      handle: async () => ({ status: 200, json: { status: "ok" } }),
    }),
    defineRoute({
      method: "get",
      path: "/readyz",
      operationId: "getReadiness",
      summary: "Whether it may get requests: the store answers and it is not shutting down",
      success: { status: 200, description: "It may", schema: "Health" },
      refusals: ["shutting_down", "storage_unavailable"],
      handle: async () => {
        if (!isOpen()) throw new Refusal("shutting_down", "The process is shutting down");
        await sender.subscribers.list({ limit: 1 });
        return { status: 200, json: { status: "ready" } };
      },
    }),
    defineRoute({
      method: "get",
      path: "/metrics",
      operationId: "getMetrics",
      summary: "Metrics in the Prometheus text format",
      success: { status: 200, description: "The metrics" },
      handle: async () => ({
        status: 200,
        text: { type: "text/plain; version=0.0.4; charset=utf-8", body: metrics.render() },
      }),
    }),
  ];
}
