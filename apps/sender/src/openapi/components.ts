import type { JsonSchema } from "../shape.ts";

const id = { type: "string" };
const time = { type: "string", format: "date-time" };
const count = { type: "integer", minimum: 0 };
const strings = { type: "array", items: { type: "string" } };

function object(required: Members, optional: Members = {}): JsonSchema {
  return { type: "object", properties: { ...required, ...optional }, required: Object.keys(required) };
}

type Members = Readonly<Record<string, JsonSchema>>;

const endpointMembers = {
  id,
  subscriber: id,
  url: { type: "string", format: "uri" },
  description: { type: "string" },
  eventTypes: { ...strings, description: "Exact types or `resource.*`; none means all" },
  headers: { type: "object", additionalProperties: { type: "string" } },
  versions: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "The major in which each event type that the endpoint takes is delivered",
  },
  featureFlags: { ...strings, description: "Features whose events and members are delivered" },
  ordering: { type: "string", enum: ["none", "subject", "endpoint"] },
  secrets: {
    type: "array",
    items: object({ createdAt: time }, { expiresAt: time }),
    description: "When the secrets that sign were made, newest first, and when old ones end",
  },
  state: { type: "string", enum: ["active", "paused", "disabled"] },
  revision: { type: "integer", minimum: 1, description: "The ETag" },
  createdAt: time,
  updatedAt: time,
};
const endpointOptional = {
  disabledReason: { type: "string" },
  schedule: {
    type: "array",
    items: count,
    description: "Milliseconds before each attempt; absent for the default",
  },
  rateLimit: {
    ...object({ perSecond: { type: "number" }, burst: { type: "integer" } }),
    description: "Requests a second on average, and at once after a pause; absent for no limit",
  },
  clientCertificate: {
    ...object({ certificate: { type: "string" } }),
    description: "The certificate, as PEM, that the endpoint is shown where it asks for one",
  },
  enabledAt: { ...time, description: "When it was last made active; failures of before do not count" },
};

const event = {
  id,
  type: { type: "string" },
  version: { type: "string" },
  source: { type: "string" },
  publishedAt: time,
};
const eventOptional = { subject: { type: "string" }, sequence: count, subscriber: id };

const delivery = {
  id,
  event: id,
  eventType: { type: "string" },
  endpoint: id,
  subscriber: id,
  state: { type: "string", enum: ["scheduled", "delivered", "dead", "cancelled"] },
  attemptCount: count,
  createdAt: time,
};
const deliveryOptional = {
  version: {
    type: "string",
    description: "Of the contract that is delivered; absent when the event could not be converted to it",
  },
  dueAt: { ...time, description: "The next attempt; absent while another of its order goes first" },
  finishedAt: time,
  reason: { type: "string", description: "Why it is dead or cancelled" },
};

const attempt = object(
  {
    number: { type: "integer", minimum: 1 },
    startedAt: time,
    durationMs: { type: "number", minimum: 0 },
    outcome: { type: "string", description: "`delivered`, or what went wrong" },
  },
  { status: { type: "integer" }, response: { type: "string", description: "The beginning of the answer" } },
);

const eventType = {
  type: { type: "string" },
  latest: { type: "string" },
  versions: strings,
  group: { type: "string" },
  summary: { type: "string" },
  trigger: { type: "string" },
  lifecycle: { type: "string" },
  payload: { type: "string", enum: ["full", "thin"] },
};
const contract = {
  schema: { type: "object", description: "JSON Schema (2020-12) of `data`" },
  examples: { type: "array", description: "Each a `data` that can be published as it is" },
};

const counted = {
  type: "boolean",
  description: "False where counting was given up: there are more",
};
const replay = object(
  {
    id,
    subscriber: id,
    eventTypes: { ...strings, description: "None means all" },
    states: strings,
    to: time,
    state: { type: "string", enum: ["running", "paused", "finished", "cancelled"] },
    selected: { ...count, description: "How many deliveries there were to be sent when it was made" },
    isCounted: counted,
    replayed: { ...count, description: "How many were made due again" },
    skipped: { ...count, description: "How many cannot be converted to what their endpoint gets" },
    createdAt: time,
  },
  { endpoint: id, from: time, perSecond: { type: "integer", minimum: 1 }, finishedAt: time },
);

const published = object({
  id,
  deliveries: { ...count, description: "How many endpoints it goes to" },
  duplicate: { type: "boolean", description: "It had been published before; nothing was added" },
});

const fault = object(
  {
    pointer: { type: "string", description: "JSON Pointer into the body" },
    code: { type: "string" },
    message: { type: "string" },
  },
  { expected: { type: "string" }, received: { type: "string" } },
);

/** What the API answers with, by name. */
export const components = {
  Subscriber: object({ id, name: { type: "string" }, createdAt: time }),
  Endpoint: object(endpointMembers, endpointOptional),
  NewEndpoint: object(
    { ...endpointMembers, secret: { type: "string", description: "Shown here only" } },
    endpointOptional,
  ),
  EndpointStatistics: object({
    health: object(
      {
        breaker: {
          type: "string",
          enum: ["closed", "open", "probing"],
          description: "Open: it is left alone until `retryAt`. Probing: one request shows whether it works",
        },
        attemptsSinceSuccess: {
          ...count,
          description: "How many attempts have failed since the last success",
        },
      },
      { retryAt: time, failingSince: time },
    ),
    scheduled: object({ count, isCounted: counted }),
    dead: object({ count, isCounted: counted }),
  }),
  Published: published,
  PublishedBatch: object({ data: { type: "array", items: { $ref: "#/components/schemas/Published" } } }),
  Event: object(event, eventOptional),
  WholeEvent: object(
    { ...event, envelope: { type: "object", description: "What receivers get, but for what is sensitive" } },
    eventOptional,
  ),
  Delivery: object(delivery, deliveryOptional),
  WholeDelivery: object(
    { ...delivery, attempts: { type: "array", items: { $ref: "#/components/schemas/Attempt" } } },
    deliveryOptional,
  ),
  DeadLetter: object(
    { ...delivery, attempts: { type: "array", items: { $ref: "#/components/schemas/Attempt" } } },
    {
      ...deliveryOptional,
      lastOutcome: { type: "string", description: "What the last attempt came to; absent without one" },
      envelope: {
        type: "object",
        description: "What it sent, but for what is sensitive; absent when the event could not be converted",
      },
    },
  ),
  Attempt: attempt,
  Replay: replay,
  ReplayCount: object({ count, isCounted: counted }),
  EventType: object(eventType),
  WholeEventType: object({ ...eventType, ...contract }),
  EventTypeVersion: object(
    { type: { type: "string" }, version: { type: "string" }, isLatest: { type: "boolean" } },
    contract,
  ),
  Health: object({ status: { type: "string" } }),
  OpenapiDocument: object({ openapi: { type: "string" } }),
  AsyncapiDocument: object({ asyncapi: { type: "string" } }),
  Problem: object(
    {
      type: { type: "string" },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
      code: { type: "string" },
      requestId: { type: "string" },
    },
    { errors: { type: "array", items: fault } },
  ),
} satisfies Readonly<Record<string, JsonSchema>>;
