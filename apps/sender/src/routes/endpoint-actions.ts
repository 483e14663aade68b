import type { EndpointState } from "@hooks/sender";
import { etagOf } from "../etag.ts";
import { presentNewEndpoint, presentStatistics } from "../present.ts";
import { defineRoute, EMPTY_BODY, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { described, integer, object, text } from "../shape.ts";
import { answerEndpoint } from "./endpoints.ts";

interface StateAction {
  readonly path: `/v1/endpoints/{id}/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly state: EndpointState;
}

const STATE_ACTIONS: readonly StateAction[] = [
  {
    path: "/v1/endpoints/{id}/enable",
    operationId: "enableEndpoint",
    summary: "Deliver, also what was held",
    state: "active",
  },
  {
    path: "/v1/endpoints/{id}/disable",
    operationId: "disableEndpoint",
    summary: "Hold deliveries until it is enabled",
    state: "disabled",
  },
  {
    path: "/v1/endpoints/{id}/pause",
    operationId: "pauseEndpoint",
    summary: "Hold deliveries for a while",
    state: "paused",
  },
  {
    path: "/v1/endpoints/{id}/resume",
    operationId: "resumeEndpoint",
    summary: "Deliver again, also what was held",
    state: "active",
  },
];

const rotation = object(
  {},
  {
    secret: text({ max: 256 }),
    overlapSeconds: described(
      integer({ min: 0, max: 7 * 24 * 60 * 60 }),
      "How long the old secret goes on signing beside the new one. Default 86,400",
    ),
  },
);

/** What can be done with an endpoint besides changing its members. */
export function endpointActionRoutes(context: RouteContext): readonly Route[] {
  const { sender, metrics } = context;
  return [
    ...STATE_ACTIONS.map((action) => stateRoute(action, context)),
    defineRoute({
      method: "get",
      path: "/v1/endpoints/{id}/stats",
      operationId: "getEndpointStatistics",
      summary: "Say how an endpoint is doing, a second ago or less",
      success: { status: 200, description: "Its health and what waits for it", schema: "EndpointStatistics" },
      refusals: ["endpoint_not_found"],
      handle: async ({ params }) => ({
        status: 200,
        json: presentStatistics(await sender.endpoints.statistics(params.id)),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/v1/endpoints/{id}/test",
      operationId: "testEndpoint",
      summary: "Send an example to this endpoint only",
      success: { status: 202, description: "The event that is sent", schema: "Published" },
      refusals: ["endpoint_not_found", "unknown_event_type"],
      body: { shape: object({}, { type: text({ max: 128 }) }), isOptional: true },
      handle: async ({ params, body }) => {
        const published = await sender.testEndpoint(params.id, body.type);
        metrics.published(published);
        return { status: 202, json: published };
      },
    }),
    defineRoute({
      method: "post",
      path: "/v1/endpoints/{id}/secret/rotate",
      operationId: "rotateEndpointSecret",
      summary: "Give it a new secret, shown here only; the old one signs too for a while",
      success: {
        status: 200,
        description: "The endpoint with its secret",
        schema: "NewEndpoint",
        hasETag: true,
      },
      refusals: ["endpoint_not_found", "invalid_secret"],
      body: { shape: rotation, isOptional: true },
      handle: async ({ params, body: { secret, overlapSeconds } }) => {
        const endpoint = await sender.endpoints.rotateSecret(params.id, {
          ...(secret === undefined ? {} : { secret }),
          ...(overlapSeconds === undefined ? {} : { overlapMs: overlapSeconds * 1_000 }),
        });
        const headers = { etag: etagOf(endpoint.revision) };
        return { status: 200, json: presentNewEndpoint(endpoint), headers };
      },
    }),
  ];
}

function stateRoute({ path, operationId, summary, state }: StateAction, { sender }: RouteContext): Route {
  return defineRoute({
    method: "post",
    path,
    operationId,
    summary,
    success: { status: 200, description: "The endpoint", schema: "Endpoint", hasETag: true },
    refusals: ["endpoint_not_found"],
    // Repeating it changes nothing, with a key or without.
    isIdempotent: true,
    body: EMPTY_BODY,
    handle: async ({ params }) => answerEndpoint(await sender.endpoints.setState(params.id, state)),
  });
}
