import { objectAt, type JsonObject } from "../json.ts";

const contents = new WeakMap<JsonObject, JsonObject>();

/**
 * What a comparison of contracts is about: without the number, and without what a release writes into its file. A
 * contract asked for again gives the same object, so what is known about that is not found out anew.
 */
export function contentOf(schema: JsonObject): JsonObject {
  const content = contents.get(schema) ?? contentAnew(schema);
  contents.set(schema, content);
  return content;
}

function contentAnew(schema: JsonObject): JsonObject {
  const { $schema: _dialect, $id: _id, examples: _examples, ...rest } = schema;
  const { version: _version, ...event } = objectAt(schema, "x-event");
  if (schema["x-event"] === undefined || Object.keys(event).length === 0) {
    const { "x-event": _event, ...unnamed } = rest;
    return unnamed;
  }
  return { ...rest, "x-event": event };
}
