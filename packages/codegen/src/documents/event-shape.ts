import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../json.ts";
import type { Catalog, CatalogEvent, CatalogVersion } from "./catalog.ts";
import type { NamedMajor } from "./components.ts";

/** A header of a delivery. */
export interface HeaderShape {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject;
  readonly example: string;
  readonly required: boolean;
}

/** When every event of the documents happened. */
const timestamp = "2026-01-01T00:00:00.000Z";

const usualHeaders: readonly HeaderShape[] = [
  {
    name: "webhook-id",
    description: "Id of the event, the same on every attempt: drop what you have seen.",
    schema: { type: "string", minLength: 1 },
    example: "evt_01KDVZQT00",
    required: true,
  },
  {
    name: "webhook-timestamp",
    description: "When this attempt was sent, in seconds since 1970; part of what is signed.",
    schema: { type: "string", pattern: "^[0-9]{1,15}$" },
    example: "1767225600",
    required: true,
  },
  {
    name: "webhook-signature",
    description:
      "Signatures by Standard Webhooks, separated by spaces: `v1,` and the base64 of an HMAC-SHA256 over " +
      "`{webhook-id}.{webhook-timestamp}.{body}`. While a secret is rotated there are two; one that fits is enough.",
    schema: { type: "string", minLength: 1 },
    example: "v1,MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    required: true,
  },
  {
    name: "traceparent",
    description: "W3C trace context of the publisher's request.",
    schema: { type: "string", pattern: "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$" },
    example: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    required: false,
  },
];

const deprecationHeaders: readonly HeaderShape[] = [
  {
    name: "deprecation",
    description: "Since when this contract is deprecated (RFC 9745).",
    schema: { type: "string", minLength: 1 },
    example: "@1767225600",
    required: false,
  },
  {
    name: "sunset",
    description: "When this contract will be removed (RFC 8594).",
    schema: { type: "string", minLength: 1 },
    example: "Thu, 01 Jan 2026 00:00:00 GMT",
    required: false,
  },
  {
    name: "link",
    description: "Where to read about the deprecation, and what comes instead (RFC 8288).",
    schema: { type: "string", minLength: 1 },
    example: '<https://example.com/deprecations>; rel="deprecation"',
    required: false,
  },
];

/** The headers of a delivery of one major, apart from those of every HTTP request. */
export function headersOf({ version }: CatalogVersion, isDeprecated: boolean): readonly HeaderShape[] {
  const versionHeader: HeaderShape = {
    name: "webhook-version",
    description: "Version of the contract, as in the body.",
    schema: versionSchema(version),
    example: version,
    required: true,
  };
  return [...usualHeaders, versionHeader, ...(isDeprecated ? deprecationHeaders : [])];
}

/** Schema of a whole event of one major; `dataReference` is where the schema of `data` stands. */
export function envelopeSchema({ event, version }: NamedMajor, dataReference: string): JsonObject {
  return {
    type: "object",
    description: `${event.type}: ${event.summary}.`,
    required: ["id", "type", "version", "timestamp", "source", "data"],
    properties: {
      id: { description: "The same on every attempt; equals the header webhook-id.", ...text },
      type: { description: "The event type.", const: event.type },
      version: { description: "Version of the contract.", ...versionSchema(version.version) },
      timestamp: { description: "When it happened (RFC 3339).", type: "string", format: "date-time" },
      source: { description: "The system that published it.", ...text },
      subject: { description: "The resource the event is about, and the key of its order.", ...text },
      sequence: {
        description: "Counts per source and subject, so that a gap shows.",
        type: "integer",
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
      },
      data: { $ref: dataReference },
    },
  };
}

const text: JsonObject = { type: "string", minLength: 1 };

/** Any version of the same major. */
function versionSchema(version: string): JsonObject {
  return { type: "string", pattern: `^${version.split(".", 1)[0]}\\.[0-9]+\\.[0-9]+$` };
}

/** A whole event with its example `data`; the same for the same example. */
export interface ExampleEvent {
  readonly name: string;
  readonly event: JsonObject;
}

/** The examples of a version as they look on the wire. */
export function exampleEvents(
  { source }: Catalog,
  { type }: CatalogEvent,
  { version, examples }: CatalogVersion,
): readonly ExampleEvent[] {
  return examples.map((data: Json, index) => {
    const id = exampleId(`${type} ${version} ${index}`);
    return {
      name: `example-${index + 1}`,
      event: { id, type, version, timestamp, source, data },
    };
  });
}

/** Looks like an id of the sender's, and belongs to this example alone. */
function exampleId(seed: string): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const bytes = createHash("sha256").update(seed).digest().subarray(0, 16);
  return `evt_01KDVZQT00${[...bytes].map((byte) => digits[byte % 32]).join("")}`;
}
