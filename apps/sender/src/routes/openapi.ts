import { createDocument } from "../openapi/document.ts";
import { defineRoute, type Route } from "../route.ts";

/** The description of all the other routes, and of itself. */
export function openapiRoute(routes: readonly Route[]): Route {
  const route = defineRoute({
    method: "get",
    path: "/v1/openapi.json",
    operationId: "getOpenapi",
    summary: "This API as an OpenAPI document",
    success: { status: 200, description: "OpenAPI 3.1", schema: "OpenapiDocument" },
    handle: async () => ({ status: 200, json: document }),
  });
  const document = createDocument([...routes, route]);
  return route;
}
