import { type Endpoint, SenderError } from "@hooks/sender";
import { pageParameters } from "../cursor.ts";
import { listRoute } from "../list-route.ts";
import { etagOf, expectedRevision } from "../etag.ts";
import { presentEndpoint, presentNewEndpoint } from "../present.ts";
import type { ProblemCode } from "../problem.ts";
import { type Answer, defineRoute, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { nullable, object, text } from "../shape.ts";
import { endpointMembers } from "./endpoint-shape.ts";

const INPUT_REFUSALS: readonly ProblemCode[] = [
  "invalid_url",
  "invalid_url_scheme",
  "https_required",
  "url_credentials_not_allowed",
  "blocked_port",
  "blocked_host",
  "blocked_address",
  "invalid_header",
  "forbidden_header",
  "unknown_event_type",
  "unknown_version",
];

const { url, ...rest } = endpointMembers;
const change = object(
  {},
  {
    ...endpointMembers,
    schedule: nullable(endpointMembers.schedule, "the default"),
    rateLimit: nullable(endpointMembers.rateLimit, "none"),
    clientCertificate: nullable(endpointMembers.clientCertificate, "none"),
  },
);
const newEndpoint = object({ subscriber: text({ max: 64 }), url }, { ...rest, secret: text({ max: 256 }) });

/** Where deliveries go. A secret is shown to whoever makes it, once. */
export function endpointRoutes(context: RouteContext): readonly Route[] {
  return [...createRoutes(context), ...readRoutes(context), ...changeRoutes(context)];
}

/** An endpoint without its secrets, at its revision. */
export function answerEndpoint(endpoint: Endpoint): Answer {
  return { status: 200, json: presentEndpoint(endpoint), headers: { etag: etagOf(endpoint.revision) } };
}

function createRoutes({ sender }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/v1/endpoints",
      operationId: "createEndpoint",
      summary: "Add an endpoint; its secret is shown here only",
      success: { status: 201, description: "The new endpoint", schema: "NewEndpoint", hasETag: true },
      refusals: [...INPUT_REFUSALS, "invalid_secret", "subscriber_not_found", "idempotency_conflict"],
      isIdempotent: true,
      body: { shape: newEndpoint },
      handle: async ({ body, idempotency }) => {
        const endpoint = await sender.endpoints.create(body, idempotency).catch(atSubscriber);
        const headers = { etag: etagOf(endpoint.revision) };
        return { status: 201, json: presentNewEndpoint(endpoint), headers };
      },
    }),
  ];
}

/** The sender says that there is no such subscriber; the caller also wants to know where that was asked. */
function atSubscriber(error: unknown): never {
  if (!(error instanceof SenderError) || error.code !== "subscriber_not_found") throw error;
  const { code, message } = error;
  throw new SenderError(code, message, {
    issues: [{ pointer: "/subscriber", code, message }],
    cause: error,
  });
}

function readRoutes({ sender, cursors }: RouteContext): readonly Route[] {
  return [
    listRoute(
      {
        path: "/v1/endpoints",
        operationId: "listEndpoints",
        summary: "List endpoints, oldest first",
        schema: "Endpoint",
        query: object({}, { ...pageParameters, subscriber: text({ max: 64 }) }),
        load: (page) => sender.endpoints.list(page),
        idOf: ({ id }) => id,
        present: presentEndpoint,
      },
      cursors,
    ),
    defineRoute({
      method: "get",
      path: "/v1/endpoints/{id}",
      operationId: "getEndpoint",
      summary: "Get an endpoint",
      success: { status: 200, description: "The endpoint", schema: "Endpoint", hasETag: true },
      refusals: ["endpoint_not_found"],
      handle: async ({ params }) => answerEndpoint(await sender.endpoints.get(params.id)),
    }),
  ];
}

function changeRoutes({ sender }: RouteContext): readonly Route[] {
  return [
    defineRoute({
      method: "patch",
      path: "/v1/endpoints/{id}",
      operationId: "updateEndpoint",
      summary: "Change the members given",
      success: { status: 200, description: "The endpoint", schema: "Endpoint", hasETag: true },
      refusals: [...INPUT_REFUSALS, "endpoint_not_found", "version_conflict"],
      isConditional: true,
      body: { shape: change },
      handle: async ({ params, body, ifMatch }) => {
        const { revision } = await sender.endpoints.get(params.id);
        const expected = expectedRevision(ifMatch, revision);
        return answerEndpoint(await sender.endpoints.update(params.id, body, expected));
      },
    }),
    defineRoute({
      method: "delete",
      path: "/v1/endpoints/{id}",
      operationId: "deleteEndpoint",
      summary: "Remove an endpoint and cancel what is scheduled for it",
      success: { status: 204, description: "It is gone" },
      refusals: ["endpoint_not_found"],
      handle: async ({ params }) => {
        await sender.endpoints.remove(params.id);
        return { status: 204 };
      },
    }),
  ];
}
