import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { referenceOf } from "../normalise/definitions.ts";
import type { Found, FoundContract } from "./contract-files.ts";

/** What senders put around `data`; an event that has anything else is no envelope. */
const members = new Set(
  (
    "id type event event_type eventType timestamp time created created_at createdAt occurred_at version " +
    "api_version apiVersion source subject sequence specversion datacontenttype dataschema data"
  ).split(" "),
);

/**
 * Of events that are envelopes (`type`, `data` and nothing that is not about the event as a whole) only `data` is the
 * contract: the envelope is the same for all of them, and here it is this project's.
 */
export function withoutEnvelopes({ contracts, definitions, warnings }: Found): Found {
  const unwrapped: string[] = [];
  const opened = contracts.map((contract): FoundContract => {
    const schema = dataOf(contract.schema, definitions);
    if (schema === undefined) return contract;
    unwrapped.push(contract.type);
    const examples = [...contract.examples].map(([name, event]) => [name, dataIn(event)] as const);
    return { ...contract, schema, examples: new Map(examples) };
  });
  const [first] = unwrapped;
  if (first === undefined) return { contracts, definitions, warnings };
  const others = unwrapped.length === 1 ? "" : ` and ${unwrapped.length - 1} more`;
  const message = `The contract of ${first}${others} is what is in data: type, id and time are the envelope's.`;
  return {
    contracts: opened,
    definitions,
    warnings: [...warnings, { code: "envelope_left_out", file: "", pointer: "", message }],
  };
}

const tags = ["type", "event", "event_type", "eventType"];

/** The event type that a payload gives itself. */
export function tagOfEvent(event: Json): string | undefined {
  if (!isObject(event)) return undefined;
  const values = tags.map((name) => (Object.hasOwn(event, name) ? event[name] : undefined));
  return values.find(
    (value): value is string => typeof value === "string" && /^[A-Za-z]\w*(?:[.:/-]\w+)+$/.test(value),
  );
}

/** What is in `data` of a payload that is an envelope; else the payload. */
export function dataOfEvent(event: Json): Json {
  const isEnvelope =
    tagOfEvent(event) !== undefined &&
    isObject(event) &&
    Object.keys(event).every((name) => members.has(name));
  return isEnvelope && event["data"] !== undefined ? event["data"] : event;
}

function dataOf(schema: JsonObject, definitions: JsonObject): JsonObject | undefined {
  const properties = objectAt(schema, "properties");
  const names = Object.keys(properties);
  const { data } = properties;
  const isEnvelope = names.length > 1 && names.every((name) => members.has(name)) && isObject(data);
  if (!isEnvelope || !tags.some((name) => names.includes(name))) return undefined;
  const { title, description } = schema;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...resolved(data, definitions),
  };
}

/** A contract says itself what it is; bundling has refused references that go round in circles. */
function resolved(schema: JsonObject, definitions: JsonObject): JsonObject {
  const name = referenceOf(schema);
  const isAlone = Object.keys(schema).every((keyword) => keyword === "$ref" || keyword === "description");
  return name === undefined || !isAlone ? schema : resolved(objectAt(definitions, name), definitions);
}

function dataIn(event: Json): Json {
  return isObject(event) ? (event["data"] ?? null) : null;
}
