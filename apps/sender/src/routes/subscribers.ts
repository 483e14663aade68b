import { pageParameters } from "../cursor.ts";
import { listRoute } from "../list-route.ts";
import { presentSubscriber } from "../present.ts";
import { defineRoute, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { object, text } from "../shape.ts";

/** The accounts that own endpoints. */
export function subscriberRoutes({ sender, cursors }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/v1/subscribers",
      operationId: "createSubscriber",
      summary: "Add a subscriber",
      success: { status: 201, description: "The new subscriber", schema: "Subscriber" },
      refusals: ["idempotency_conflict"],
      isIdempotent: true,
      body: { shape: object({ name: text({ max: 256 }) }, {}) },
      handle: async ({ body, idempotency }) => {
        const subscriber = await sender.subscribers.create(body, idempotency);
        return { status: 201, json: presentSubscriber(subscriber) };
      },
    }),
    listRoute(
      {
        path: "/v1/subscribers",
        operationId: "listSubscribers",
        summary: "List subscribers, oldest first",
        schema: "Subscriber",
        query: object({}, pageParameters),
        load: (page) => sender.subscribers.list(page),
        idOf: ({ id }) => id,
        present: presentSubscriber,
      },
      cursors,
    ),
    defineRoute({
      method: "get",
      path: "/v1/subscribers/{id}",
      operationId: "getSubscriber",
      summary: "Get a subscriber",
      success: { status: 200, description: "The subscriber", schema: "Subscriber" },
      refusals: ["subscriber_not_found"],
      handle: async ({ params }) => ({
        status: 200,
        json: presentSubscriber(await sender.subscribers.get(params.id)),
      }),
    }),
  ];
}
