import { type ProblemCode, problems } from "../problem.ts";
import type { Route, Success } from "../route.ts";
import type { JsonSchema } from "../shape.ts";
import { components } from "./components.ts";

/** The refusals of every route, and of those that need a key or have a body. */
const OF_ALL: readonly ProblemCode[] = ["internal_error"];
const OF_API: readonly ProblemCode[] = [
  "unauthorized",
  "rate_limited",
  "invalid_query",
  "storage_unavailable",
];
const OF_BODY: readonly ProblemCode[] = [
  "invalid_encoding",
  "invalid_json",
  "json_too_deep",
  "unknown_field",
  "validation_failed",
  "payload_too_large",
  "unsupported_media_type",
  "unsupported_encoding",
];

/** Routes as an OpenAPI 3.1 document. */
export function createDocument(routes: readonly Route[]): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operationOf(route);
  return {
    openapi: "3.1.0",
    info: {
      title: "Hooks sender",
      version: "1",
      description: `Publishes events and delivers them as webhooks.

A POST that does not list \`Idempotency-Key\` among its parameters refuses the header with \`invalid_idempotency_key\`.`,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: components,
    },
  };
}

function operationOf(route: Route): JsonSchema {
  const { operationId, summary, body, path } = route;
  const isOpen = !path.startsWith("/v1/");
  return {
    operationId,
    summary,
    ...(isOpen ? { security: [] } : { tags: [path.split("/")[2]] }),
    parameters: [...pathParameters(path), ...queryParameters(route), ...headerParameters(route)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.isRequired,
            description: `At most ${body.maxBytes} bytes`,
            content: { "application/json": { schema: body.schema } },
          },
        }),
    responses: { ...successesOf(route), ...refusalsOf(route, isOpen) },
  };
}

function pathParameters(path: string): readonly JsonSchema[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
}

function queryParameters({ querySchema }: Route): readonly JsonSchema[] {
  const schemas = Object.entries(querySchema["properties"] ?? {});
  return schemas.map(([name, schema]: [string, unknown]) => ({ name, in: "query", schema }));
}

function headerParameters({ isIdempotent, isConditional }: Route): readonly JsonSchema[] {
  const key = { type: "string", minLength: 1, maxLength: 255 };
  return [
    ...(isIdempotent ? [{ name: "Idempotency-Key", in: "header", schema: key }] : []),
    ...(isConditional ? [{ name: "If-Match", in: "header", schema: { type: "string" } }] : []),
  ];
}

function successesOf({ success, otherSuccess }: Route): JsonSchema {
  const all = otherSuccess === undefined ? [success] : [success, otherSuccess];
  return Object.fromEntries(all.map((one) => [one.status, successOf(one)]));
}

function successOf({ description, schema, isList, hasETag }: Success): JsonSchema {
  const reference = { $ref: `#/components/schemas/${schema}` };
  const list = {
    type: "object",
    properties: { data: { type: "array", items: reference }, next: { type: ["string", "null"] } },
    required: ["data", "next"],
  };
  return {
    description,
    ...(hasETag ? { headers: { ETag: { schema: { type: "string" } } } } : {}),
    ...(schema === undefined
      ? {}
      : { content: { "application/json": { schema: isList ? list : reference } } }),
  };
}

function refusalsOf({ refusals, body, method }: Route, isOpen: boolean): JsonSchema {
  const codes = new Set<ProblemCode>([
    ...OF_ALL,
    ...(isOpen ? [] : OF_API),
    ...(body === undefined ? [] : OF_BODY),
    ...(method === "post" ? (["invalid_idempotency_key"] as const) : []),
    ...refusals,
  ]);
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.toSorted().join(", "),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
}
