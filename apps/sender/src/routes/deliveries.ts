import { pageParameters } from "../cursor.ts";
import { listRoute } from "../list-route.ts";
import { presentAttempt, presentDelivery } from "../present.ts";
import { defineRoute, EMPTY_BODY, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { choice, object, text } from "../shape.ts";
import { shownAttempts } from "./shown-attempts.ts";

const filters = { event: text({ max: 64 }), endpoint: text({ max: 64 }) };
const state = choice(["scheduled", "delivered", "dead", "cancelled"]);

/** What became of events. */
export function deliveryRoutes(context: RouteContext): readonly Route[] {
  return [...readRoutes(context), ...actionRoutes(context)];
}

function readRoutes({ sender, cursors }: RouteContext): readonly Route[] {
  return [
    listRoute(
      {
        path: "/v1/deliveries",
        operationId: "listDeliveries",
        summary: "List deliveries, newest first",
        schema: "Delivery",
        query: object({}, { ...pageParameters, ...filters, state }),
        load: (page) => sender.deliveries.list(page),
        idOf: ({ id }) => id,
        present: presentDelivery,
      },
      cursors,
    ),
    defineRoute({
      method: "get",
      path: "/v1/deliveries/{id}",
      operationId: "getDelivery",
      summary: "Get a delivery with its attempts",
      success: { status: 200, description: "The delivery", schema: "WholeDelivery" },
      refusals: ["delivery_not_found"],
      handle: async ({ params }) => {
        const delivery = await sender.deliveries.get(params.id);
        const attempts = await shownAttempts(await sender.deliveries.attempts(params.id), delivery, sender);
        return {
          status: 200,
          json: { ...presentDelivery(delivery), attempts: attempts.map(presentAttempt) },
        };
      },
    }),
  ];
}

function actionRoutes({ sender }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/v1/deliveries/{id}/retry",
      operationId: "retryDelivery",
      summary: "Attempt a scheduled or dead delivery now, its whole schedule before it again",
      success: { status: 200, description: "The delivery", schema: "Delivery" },
      refusals: ["delivery_not_found", "not_retryable", "not_renderable"],
      body: EMPTY_BODY,
      handle: async ({ params }) => ({
        status: 200,
        json: presentDelivery(await sender.deliveries.retry(params.id)),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/v1/deliveries/{id}/cancel",
      operationId: "cancelDelivery",
      summary: "End a scheduled delivery",
      success: { status: 200, description: "The delivery", schema: "Delivery" },
      refusals: ["delivery_not_found", "not_retryable"],
      body: EMPTY_BODY,
      handle: async ({ params }) => ({
        status: 200,
        json: presentDelivery(await sender.deliveries.cancel(params.id)),
      }),
    }),
  ];
}
