import type { Replay, ReplayInput } from "@hooks/sender";
import { pageParameters } from "../cursor.ts";
import { listRoute } from "../list-route.ts";
import { presentReplay } from "../present.ts";
import type { ProblemCode } from "../problem.ts";
import { defineRoute, EMPTY_BODY, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { boolean, choice, described, integer, list, object, text, time } from "../shape.ts";

const perSecond = described(
  integer({ min: 1, max: 10_000 }),
  "How many deliveries a second at the most. Default: as fast as endpoints take them",
);

const newReplay = object(
  {},
  {
    endpoint: described(text({ max: 64 }), "Whose deliveries; or those of a subscriber's endpoints"),
    subscriber: text({ max: 64 }),
    eventTypes: described(
      list(text({ max: 128 }), { max: 100 }),
      "Exact types or `resource.*`; none means all",
    ),
    states: described(
      list(choice(["delivered", "dead", "cancelled"]), { min: 1, max: 3 }),
      "What became of the deliveries. Default: `dead`",
    ),
    from: described(time, "Of events that were published at this time or later"),
    to: described(time, "Of events that were published before this time. Default: now"),
    perSecond,
    dryRun: described(boolean, "Says how many that would be, and does nothing"),
  },
);
const recovery = object(
  { since: described(time, "When the first of the events was published that it has missed") },
  { perSecond },
);

const INPUT_REFUSALS: readonly ProblemCode[] = [
  "endpoint_not_found",
  "subscriber_not_found",
  "unknown_event_type",
];

/** Jobs that send again. */
export function replayRoutes(context: RouteContext): readonly Route[] {
  return [
    ...createRoutes(context),
    ...readRoutes(context),
    ...CHANGES.map((one) => changeRoute(one, context)),
  ];
}

function createRoutes({ sender }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/v1/replays",
      operationId: "createReplay",
      summary: "Send deliveries again that came to their end, or say how many that would be",
      success: { status: 201, description: "The replay, running", schema: "Replay" },
      otherSuccess: {
        status: 200,
        description: "With `dryRun`: how many that would be",
        schema: "ReplayCount",
      },
      refusals: [...INPUT_REFUSALS, "idempotency_conflict"],
      isIdempotent: true,
      body: { shape: newReplay },
      handle: async ({ body: { from, to, dryRun = false, ...rest }, idempotency }) => {
        const input: ReplayInput = {
          ...rest,
          ...(from === undefined ? {} : { fromMs: from }),
          ...(to === undefined ? {} : { toMs: to }),
        };
        if (dryRun) return { status: 200, json: await sender.replays.count(input) };
        return { status: 201, json: presentReplay(await sender.replays.create(input, idempotency)) };
      },
    }),
    defineRoute({
      method: "post",
      path: "/v1/endpoints/{id}/recover",
      operationId: "recoverEndpoint",
      summary: "Send an endpoint what died or was cancelled of what was published since a time",
      success: { status: 201, description: "The replay that does so", schema: "Replay" },
      refusals: ["endpoint_not_found", "idempotency_conflict"],
      isIdempotent: true,
      body: { shape: recovery },
      handle: async ({ params, body: { since, ...rest }, idempotency }) => {
        const replay = await sender.replays.recover(params.id, { ...rest, sinceMs: since }, idempotency);
        return { status: 201, json: presentReplay(replay) };
      },
    }),
  ];
}

function readRoutes({ sender, cursors }: RouteContext): readonly Route[] {
  return [
    listRoute(
      {
        path: "/v1/replays",
        operationId: "listReplays",
        summary: "List replays, newest first",
        schema: "Replay",
        query: object(
          {},
          {
            ...pageParameters,
            subscriber: text({ max: 64 }),
            state: choice(["running", "paused", "finished", "cancelled"]),
          },
        ),
        load: (page) => sender.replays.list(page),
        idOf: ({ id }) => id,
        present: presentReplay,
      },
      cursors,
    ),
    defineRoute({
      method: "get",
      path: "/v1/replays/{id}",
      operationId: "getReplay",
      summary: "Get a replay with how far it is",
      success: { status: 200, description: "The replay", schema: "Replay" },
      refusals: ["replay_not_found"],
      handle: async ({ params }) => ({
        status: 200,
        json: presentReplay(await sender.replays.get(params.id)),
      }),
    }),
  ];
}

interface Change {
  readonly path: `/v1/replays/{id}/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly verb: "pause" | "resume" | "cancel";
}

const CHANGES: readonly Change[] = [
  {
    path: "/v1/replays/{id}/pause",
    operationId: "pauseReplay",
    summary: "Go no further for a while; what is due already is sent",
    verb: "pause",
  },
  {
    path: "/v1/replays/{id}/resume",
    operationId: "resumeReplay",
    summary: "Go on where it was paused",
    verb: "resume",
  },
  {
    path: "/v1/replays/{id}/cancel",
    operationId: "cancelReplay",
    summary: "End it; what is due already is sent",
    verb: "cancel",
  },
];

function changeRoute({ path, operationId, summary, verb }: Change, { sender }: RouteContext): Route {
  return defineRoute({
    method: "post",
    path,
    operationId,
    summary,
    success: { status: 200, description: "The replay", schema: "Replay" },
    refusals: ["replay_not_found", "replay_over"],
    body: EMPTY_BODY,
    handle: async ({ params }) => {
      const replay: Replay = await sender.replays[verb](params.id);
      return { status: 200, json: presentReplay(replay) };
    },
  });
}
