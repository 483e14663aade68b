import { escapeSegment, type JsonObject } from "../json.ts";
import { toAsyncApiSchema } from "./asyncapi-schema.ts";
import { digestOf, type Catalog, type CatalogEvent } from "./catalog.ts";
import { nameComponents, type NamedMajor } from "./components.ts";
import { envelopeSchema, exampleEvents, headersOf } from "./event-shape.ts";
import { documentDescription, isDeprecated, securityDescription, titleOf } from "./prose.ts";
import { componentReference } from "./reader-schema.ts";

/**
 * The catalogue as an AsyncAPI 3 document: a channel and a `send` operation for each event type, a message for each
 * of its majors. Schemas are AsyncAPI's own (a superset of draft-07), open, as those of a subscriber should be.
 */
export function renderAsyncApi(catalog: Catalog): JsonObject {
  const { majors, schemas } = nameComponents(catalog);
  const byEvent = [...Map.groupBy(majors, ({ event }) => event)];
  const envelopes = majors.map(
    (major) =>
      [
        major.envelopeName,
        toAsyncApiSchema(envelopeSchema(major, componentReference(major.dataName))),
      ] as const,
  );
  const data = Object.entries(schemas).map(
    ([name, schema]) => [name, toAsyncApiSchema(schema as JsonObject)] as const,
  );
  return {
    asyncapi: "3.0.0",
    info: {
      title: titleOf(catalog),
      version: digestOf(catalog),
      description: documentDescription,
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries(byEvent.map(([event, list]) => [event.type, channel(event, list)])),
    operations: Object.fromEntries(
      byEvent.map(([event, list]) => [`send.${event.type}`, operation(event, list)]),
    ),
    components: {
      schemas: Object.fromEntries([...envelopes, ...data]),
      messages: Object.fromEntries(majors.map((major) => [major.key, message(catalog, major)])),
      securitySchemes: {
        standardWebhooks: {
          type: "httpApiKey",
          in: "header",
          name: "webhook-signature",
          description: securityDescription,
        },
      },
    },
  };
}

/** The address is the subscriber's own, so it is unknown here. */
function channel(event: CatalogEvent, majors: readonly NamedMajor[]): JsonObject {
  const messages = majors.map(({ key }) => [key, { $ref: `#/components/messages/${segment(key)}` }]);
  return {
    address: null,
    title: event.type,
    summary: event.summary,
    description: event.trigger,
    tags: [{ name: event.group }],
    messages: Object.fromEntries(messages),
  };
}

function operation(event: CatalogEvent, majors: readonly NamedMajor[]): JsonObject {
  const at = `#/channels/${segment(event.type)}`;
  return {
    action: "send",
    channel: { $ref: at },
    summary: event.summary,
    security: [{ $ref: "#/components/securitySchemes/standardWebhooks" }],
    tags: [{ name: event.group }],
    bindings: { http: { method: "POST", bindingVersion: "0.3.0" } },
    messages: majors.map(({ key }) => ({ $ref: `${at}/messages/${segment(key)}` })),
  };
}

function message(catalog: Catalog, { event, version, key, envelopeName }: NamedMajor): JsonObject {
  const deprecated = isDeprecated(version.schema);
  const headers = headersOf(version, deprecated);
  const always = headers.filter(({ required }) => required);
  const examples = exampleEvents(catalog, event, version).map(({ name, event: payload }) => ({
    name,
    headers: {
      ...Object.fromEntries(always.map(({ name, example }) => [name, example])),
      "webhook-id": payload["id"] ?? "",
    },
    payload,
  }));
  return {
    name: key,
    title: `${event.type} ${version.version}`,
    summary: event.summary,
    description: deprecated ? `Deprecated. ${event.trigger}` : event.trigger,
    contentType: "application/json",
    tags: [{ name: event.group }, ...(deprecated ? [{ name: "deprecated" }] : [])],
    correlationId: {
      description: "The same on every attempt.",
      location: "$message.header#/webhook-id",
    },
    headers: {
      type: "object",
      required: always.map(({ name }) => name),
      properties: Object.fromEntries(
        headers.map(({ name, description, schema }) => [name, { description, ...schema }]),
      ),
    },
    payload: { $ref: componentReference(envelopeName) },
    ...(examples.length === 0 ? {} : { examples }),
  };
}

/** A key as a segment of a reference. */
function segment(key: string): string {
  return encodeURIComponent(escapeSegment(key));
}
