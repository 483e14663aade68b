import { isObject, type JsonObject } from "../json.ts";
import { referenceOf } from "../normalise/definitions.ts";
import { open } from "../normalise/opening.ts";
import { mapChildren } from "../schema.ts";

/** Below these more would mean less, so what stands there stays as it was written. */
const kept = /^\/(?:not|if|contains|propertyNames)(?:\/|$)/;

/**
 * A schema as a subscriber should read it: open to members and values that newer minors bring, as the consumer's
 * validator is, its annotations still in it. References lead to the components that `names` gives for definitions.
 */
export function readerSchema(schema: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const inner = mapChildren(schema, (child, pointer) => {
    if (!isObject(child)) return child;
    return kept.test(pointer) ? renamed(child, names) : readerSchema(child, names);
  });
  const { $comment: _comment, ...opened } = open(renameReference(inner, names), schema);
  return withNewVariants(withNewValues(opened, schema), schema);
}

/** What refers to a schema of an OpenAPI or AsyncAPI document. */
export function componentReference(name: string): string {
  return `#/components/schemas/${name}`;
}

function renamed(schema: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const inner = mapChildren(schema, (child) => (isObject(child) ? renamed(child, names) : child));
  return renameReference(inner, names);
}

function renameReference(schema: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const definition = referenceOf(schema);
  if (definition === undefined) return schema;
  return { ...schema, $ref: componentReference(names.get(definition) ?? "") };
}

/** The usual way to say "one of these, or one that will come". */
function withNewValues(opened: JsonObject, { "x-open-enum": isOpen, enum: values }: JsonObject): JsonObject {
  if (isOpen !== true || values === undefined) return opened;
  return { ...opened, anyOf: [{ enum: values }, { type: "string" }] };
}

function withNewVariants(opened: JsonObject, { "x-open-union": isOpen }: JsonObject): JsonObject {
  const branches = opened["anyOf"];
  if (isOpen !== true || !Array.isArray(branches)) return opened;
  return { ...opened, anyOf: [...branches, { description: "A variant of a newer version." }] };
}
