import { listPage, pageParameters } from "../cursor.ts";
import { presentDelivery } from "../present.ts";
import { defineRoute, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { object, text } from "../shape.ts";

/** Deliveries that used up their schedule. They are retried as deliveries. */
export function deadLetterRoutes({ sender, cursors }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/dead-letters",
      operationId: "listDeadLetters",
      summary: "List dead deliveries, newest first",
      success: { status: 200, description: "One page", schema: "Delivery", isList: true },
      refusals: ["invalid_cursor"],
      query: object({}, { ...pageParameters, event: text({ max: 64 }), endpoint: text({ max: 64 }) }),
      handle: async ({ query }) => {
        const { items, next } = await listPage({
          cursors,
          list: "listDeadLetters",
          query,
          load: (page) => sender.deliveries.list({ ...page, state: "dead" }),
          idOf: ({ id }) => id,
        });
        return { status: 200, json: { data: items.map(presentDelivery), next } };
      },
    }),
  ];
}
