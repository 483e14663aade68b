import { type Cursors, type Listing, listPage } from "./cursor.ts";
import { defineRoute, type Route } from "./route.ts";
import type { Shape } from "./shape.ts";

interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

export interface ListRouteOptions<T, Q extends PageQuery> extends Pick<Listing<T, Q>, "load" | "idOf"> {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  /** The name of the component that each item is shown as. */
  readonly schema: string;
  /** The `pageParameters`, and filters. */
  readonly query: Shape<Q>;
  readonly present: (item: T) => unknown;
}

/** A route that gives a page of a list at a time. */
export function listRoute<T, Q extends PageQuery>(
  { path, operationId, summary, schema, query: shape, load, idOf, present }: ListRouteOptions<T, Q>,
  cursors: Cursors,
): Route {
  return defineRoute({
    method: "get",
    path,
    operationId,
    summary,
    success: { status: 200, description: "One page", schema, isList: true },
    refusals: ["invalid_cursor"],
    query: shape,
    handle: async ({ query }) => {
      const { items, next } = await listPage({ cursors, list: operationId, query, load, idOf });
      return { status: 200, json: { data: items.map(present), next } };
    },
  });
}
