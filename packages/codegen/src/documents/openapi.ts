import type { JsonObject } from "../json.ts";
import { digestOf, type Catalog } from "./catalog.ts";
import { nameComponents, type NamedMajor } from "./components.ts";
import { envelopeSchema, exampleEvents, headersOf } from "./event-shape.ts";
import { documentDescription, isDeprecated, securityDescription, titleOf } from "./prose.ts";
import { componentReference } from "./reader-schema.ts";

const scheme = "standardWebhooks";

/**
 * The catalogue as an OpenAPI 3.1 document: one entry of `webhooks` for each event type and major. Its schemas are
 * open, as those of a subscriber should be.
 */
export function renderOpenApi(catalog: Catalog): JsonObject {
  const { majors, schemas } = nameComponents(catalog);
  const envelopes = majors.map(
    (major) => [major.envelopeName, envelopeSchema(major, componentReference(major.dataName))] as const,
  );
  const groups = [...new Set(catalog.events.map(({ group }) => group))].toSorted();
  return {
    openapi: "3.1.0",
    info: {
      title: titleOf(catalog),
      version: digestOf(catalog),
      description: documentDescription,
    },
    tags: groups.map((name) => ({ name })),
    security: [{ [scheme]: [] }],
    webhooks: Object.fromEntries(majors.map((major) => [major.key, { post: operation(catalog, major) }])),
    components: {
      securitySchemes: {
        [scheme]: {
          type: "apiKey",
          in: "header",
          name: "webhook-signature",
          description: securityDescription,
        },
      },
      schemas: { ...Object.fromEntries(envelopes), ...schemas },
    },
  };
}

function operation(catalog: Catalog, { event, version, key, envelopeName }: NamedMajor): JsonObject {
  const examples = exampleEvents(catalog, event, version).map(({ name, event: value }) => [name, { value }]);
  const deprecated = isDeprecated(version.schema);
  return {
    operationId: key,
    summary: event.summary,
    description: event.trigger,
    tags: [event.group],
    ...(deprecated ? { deprecated } : {}),
    parameters: headersOf(version, deprecated).map(({ name, description, schema, example, required }) => ({
      name,
      in: "header",
      description,
      required,
      schema,
      example,
    })),
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: { $ref: componentReference(envelopeName) },
          ...(examples.length === 0 ? {} : { examples: Object.fromEntries(examples) }),
        },
      },
    },
    responses,
  };
}

const responses: JsonObject = {
  "2XX": { description: "Accepted: the event is not sent again. Answer as soon as you have stored it." },
  "410": { description: "Gone: the endpoint is disabled, and nothing more is sent to it." },
  default: {
    description:
      "Anything else, redirections and timeouts included: the event is sent again later, with growing waits.",
    headers: {
      "retry-after": {
        description: "How long to wait at least, in seconds or as a date; kept within bounds.",
        schema: { type: "string" },
      },
    },
  },
};
