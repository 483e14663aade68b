import { type DeadLetterFilter, SenderError } from "@hooks/sender";
import { pageParameters } from "../cursor.ts";
import { listRoute } from "../list-route.ts";
import { presentDeadLetter, presentDelivery } from "../present.ts";
import { Refusal } from "../problem.ts";
import { defineRoute, EMPTY_BODY, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { described, object, text, time } from "../shape.ts";
import { shownAttempts } from "./shown-attempts.ts";

const filters = {
  event: text({ max: 64 }),
  endpoint: text({ max: 64 }),
  subscriber: text({ max: 64 }),
  type: described(text({ max: 128 }), "The event type, exactly"),
  from: described(time, "Of events that were published at this time or later"),
  to: described(time, "Of events that were published before this time"),
};

/** Deliveries that were given up. */
export function deadLetterRoutes(context: RouteContext): readonly Route[] {
  const { sender, cursors } = context;
  return [
    listRoute(
      {
        path: "/v1/dead-letters",
        operationId: "listDeadLetters",
        summary: "List dead deliveries, newest first",
        schema: "Delivery",
        query: object({}, { ...pageParameters, ...filters }),
        load: ({ type, from, to, ...page }) => {
          const filter: Pick<DeadLetterFilter, "eventType" | "fromMs" | "toMs"> = {
            ...(type === undefined ? {} : { eventType: type }),
            ...(from === undefined ? {} : { fromMs: from }),
            ...(to === undefined ? {} : { toMs: to }),
          };
          return sender.deadLetters.list({ ...page, ...filter }).catch(inQuery);
        },
        idOf: ({ id }) => id,
        present: presentDelivery,
      },
      cursors,
    ),
    ...oneRoutes(context),
  ];
}

/** What the sender finds wrong with a member stands in the query here. */
function inQuery(error: unknown): never {
  if (!(error instanceof SenderError) || error.code !== "validation_failed") throw error;
  const errors = error.issues.map(({ pointer, message }) => ({ pointer, code: "invalid_query", message }));
  throw new Refusal("invalid_query", error.message, { errors });
}

function oneRoutes({ sender }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/dead-letters/{id}",
      operationId: "getDeadLetter",
      summary: "Get a dead delivery with its attempts and what it sent",
      success: { status: 200, description: "The dead letter", schema: "DeadLetter" },
      refusals: ["dead_letter_not_found"],
      handle: async ({ params }) => {
        const letter = await sender.deadLetters.get(params.id);
        const attempts = await shownAttempts(letter.attempts, letter.delivery, sender);
        return { status: 200, json: presentDeadLetter({ ...letter, attempts }, sender.contracts) };
      },
    }),
    defineRoute({
      method: "post",
      path: "/v1/dead-letters/{id}/retry",
      operationId: "retryDeadLetter",
      summary: "Attempt a dead delivery again, its whole schedule before it; a replay does so with many",
      success: { status: 200, description: "The delivery", schema: "Delivery" },
      refusals: ["dead_letter_not_found", "not_retryable", "not_renderable"],
      body: EMPTY_BODY,
      handle: async ({ params }) => ({
        status: 200,
        json: presentDelivery(await sender.deadLetters.retry(params.id)),
      }),
    }),
  ];
}
