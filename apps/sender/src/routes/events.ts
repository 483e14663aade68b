import { type Published, SenderError } from "@hooks/sender";
import { pageParameters } from "../cursor.ts";
import { listRoute } from "../list-route.ts";
import { presentEvent, presentWholeEvent } from "../present.ts";
import { type ProblemCode, Refusal } from "../problem.ts";
import { refusalOf } from "../refusal-of.ts";
import { defineRoute, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { anything, described, list, object, text } from "../shape.ts";

const KIB = 1_024;
/** The data of an event may have 256 KiB; the rest is for what is around it. */
const MAX_EVENT_BYTES = 272 * KIB;
const MAX_BATCH_BYTES = 1_024 * KIB;
const MAX_BATCH = 100;

const REFUSALS: readonly ProblemCode[] = [
  "unknown_event_type",
  "unknown_version",
  "schema_violation",
  "event_id_conflict",
  "idempotency_conflict",
  "subscriber_not_found",
];

const event = object(
  {
    type: described(text({ max: 128 }), "Such as `invoice.paid`"),
    data: described(anything, "What the contract of the type describes"),
  },
  {
    subscriber: described(text({ max: 64 }), "Only this subscriber's endpoints get it. Default: everybody's"),
    subject: described(text({ max: 256 }), "The resource it is about; events of one subject are numbered"),
    id: described(text({ max: 64 }), "Makes publishing repeatable: the same id is kept once"),
    timestamp: described(text({ max: 64 }), "When it happened, RFC 3339. Default: now"),
    version: described(text({ max: 32 }), "Of the contract. Default: the newest"),
    source: text({ max: 256 }),
  },
);

/** Publishing, and what was published. */
export function eventRoutes(context: RouteContext): readonly Route[] {
  return [...publishRoutes(context), ...readRoutes(context)];
}

function publishRoutes({ sender, metrics }: RouteContext): readonly Route[] {
  const counted = async <T>(publishing: Promise<T>, outcome: (result: T) => readonly Published[]) => {
    try {
      const result = await publishing;
      for (const one of outcome(result)) metrics.published(one);
      return result;
    } catch (error) {
      metrics.refused(refusalOf(error).code);
      throw error;
    }
  };
  return [
    defineRoute({
      method: "post",
      path: "/v1/events",
      operationId: "publishEvent",
      summary: "Publish an event; what is answered with 202 is on disk",
      success: { status: 202, description: "It is kept and will be delivered", schema: "Published" },
      refusals: REFUSALS,
      isIdempotent: true,
      body: { shape: event, maxBytes: MAX_EVENT_BYTES },
      handle: async ({ body, idempotency }) => {
        const publishing = sender.publish({ ...body, ...idempotency });
        return { status: 202, json: await counted(publishing, (published) => [published]) };
      },
    }),
    defineRoute({
      method: "post",
      path: "/v1/events/batch",
      operationId: "publishEvents",
      summary: "Publish several events, all or none of them",
      success: { status: 202, description: "They are kept and will be delivered", schema: "PublishedBatch" },
      refusals: REFUSALS,
      isIdempotent: true,
      body: {
        shape: object({ events: list(event, { min: 1, max: MAX_BATCH }) }, {}),
        maxBytes: MAX_BATCH_BYTES,
      },
      handle: async ({ body: { events }, idempotency }) => {
        const publishing = sender.publishBatch(events, idempotency).catch(inBatch);
        return { status: 202, json: { data: await counted(publishing, (published) => published) } };
      },
    }),
  ];
}

function readRoutes({ sender, cursors }: RouteContext): readonly Route[] {
  return [
    listRoute(
      {
        path: "/v1/events",
        operationId: "listEvents",
        summary: "List events, newest first",
        schema: "Event",
        query: object({}, { ...pageParameters, type: text({ max: 128 }) }),
        load: (page) => sender.events.list(page),
        idOf: ({ id }) => id,
        present: presentEvent,
      },
      cursors,
    ),
    defineRoute({
      method: "get",
      path: "/v1/events/{id}",
      operationId: "getEvent",
      summary: "Get an event with its envelope, without what its contract marks as sensitive",
      success: { status: 200, description: "The event", schema: "WholeEvent" },
      refusals: ["event_not_found"],
      handle: async ({ params }) => {
        const found = await sender.events.get(params.id);
        if (found === undefined) throw new Refusal("event_not_found", "There is no such event");
        return { status: 200, json: presentWholeEvent(found, sender.contracts) };
      },
    }),
  ];
}

/** The sender points into the list of events; the caller sent it as a member. */
function inBatch(error: unknown): never {
  if (!(error instanceof SenderError)) throw error;
  const issues = error.issues.map((issue) => ({ ...issue, pointer: `/events${issue.pointer}` }));
  throw new SenderError(error.code, error.message, { issues, cause: error });
}
