import { renderAsyncApi } from "@hooks/codegen";
import { catalogOf } from "../catalog-site.ts";
import { defineRoute, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";

/** What is sent to endpoints, as AsyncAPI describes it. Rendered when it is asked for first. */
export function asyncapiRoute({ sender }: Pick<RouteContext, "sender">): Route {
  let document: object | undefined;
  return defineRoute({
    method: "get",
    path: "/v1/asyncapi.json",
    operationId: "getAsyncapi",
    summary: "The events that are sent to endpoints as an AsyncAPI document",
    success: { status: 200, description: "AsyncAPI 3", schema: "AsyncapiDocument" },
    handle: async () => {
      document ??= renderAsyncApi(catalogOf(sender.contracts));
      return { status: 200, json: document };
    },
  });
}
