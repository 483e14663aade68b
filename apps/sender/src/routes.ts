import type { Sender } from "@hooks/sender";
import type { Cursors } from "./cursor.ts";
import type { Metrics } from "./metrics.ts";
import type { Route } from "./route.ts";
import { asyncapiRoute } from "./routes/asyncapi.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { endpointActionRoutes } from "./routes/endpoint-actions.ts";
import { endpointRoutes } from "./routes/endpoints.ts";
import { eventTypeRoutes } from "./routes/event-types.ts";
import { eventRoutes } from "./routes/events.ts";
import { openapiRoute } from "./routes/openapi.ts";
import { operationRoutes } from "./routes/operations.ts";
import { replayRoutes } from "./routes/replays.ts";
import { subscriberRoutes } from "./routes/subscribers.ts";

/** What routes work with. */
export interface RouteContext {
  readonly sender: Sender;
  readonly cursors: Cursors;
  readonly metrics: Metrics;
  /** False from the moment the process is told to end. */
  readonly isOpen: () => boolean;
}

/** Every route of the app. */
export function createRoutes(context: RouteContext): readonly Route[] {
  const routes = [
    ...operationRoutes(context),
    ...subscriberRoutes(context),
    ...endpointRoutes(context),
    ...endpointActionRoutes(context),
    ...eventRoutes(context),
    ...deliveryRoutes(context),
    ...deadLetterRoutes(context),
    ...replayRoutes(context),
    ...eventTypeRoutes(context),
    asyncapiRoute(context),
  ];
  return [...routes, openapiRoute(routes)];
}
