import { isObject, objectAt, type JsonObject } from "../json.ts";
import { mergeAllOf } from "./all-of.ts";
import { speaksOfMembers, type Companions } from "./companions.ts";
import { referenceOf, schemasOf } from "./definitions.ts";

interface Closing {
  readonly schema: JsonObject;
  /** What else speaks about the value that a part of the schema speaks about. */
  readonly part: (part: JsonObject) => Companions;
  readonly merges: number;
}

interface Surroundings {
  readonly companions: Companions;
  /** How many objects around the schema have been merged. */
  readonly merges?: number;
}

/** A contract that contains itself twice over could be merged without end. */
const maxMerges = 8;

/** Parts of which a value follows one, or that belong together: they are no companions of each other. */
interface Group {
  readonly members: readonly JsonObject[];
  /** Whether a value always has to follow one of its members. */
  readonly binds: boolean;
}

/**
 * Closes a schema: an object that names its members and says nothing about others has no others. What describes a
 * value only in part is left open, and the whole is closed: merged into one object where that is exact, and by
 * `unevaluatedProperties` otherwise.
 */
export function closingOf(
  schema: JsonObject,
  { companions, merges = 0 }: Surroundings,
  definitions: JsonObject,
): Closing {
  const speaks = (part: JsonObject) => speaksOfMembers(part, definitions);
  const groups = groupsOf(schema, definitions);
  const speaking = groups.filter(({ members }) => members.some(speaks));
  const own = ownMembers(schema);
  const ownSpeaks = Object.keys(own).length > 0;
  const isPart = companions === "any" || companions.some(speaks);
  const others = (part: JsonObject): Companions => {
    if (companions === "any") return companions;
    const beside = speaking
      .filter(({ members }) => !members.includes(part))
      .flatMap(({ members }) => members);
    return [...companions, ...(ownSpeaks ? [own] : []), ...beside];
  };
  const asWritten = { schema, part: others, merges };
  if (schema["additionalProperties"] !== undefined || schema["unevaluatedProperties"] !== undefined)
    return asWritten;
  if (speaking.length === 0)
    return isPart || !isObject(schema["properties"])
      ? asWritten
      : { ...asWritten, schema: { ...schema, additionalProperties: false } };
  const isWhole = speaking.length === 1 && !ownSpeaks;
  if (isWhole || isPart) return asWritten;
  const binding = groups.filter(({ binds }) => binds);
  if (binding.some(({ members }) => members.every((member) => leavesNothing(member, definitions))))
    return asWritten;
  const merged = merges < maxMerges ? mergeAllOf(schema, definitions) : undefined;
  if (merged !== undefined) return closingOf(merged, { companions, merges: merges + 1 }, definitions);
  return { ...asWritten, schema: { ...schema, unevaluatedProperties: false } };
}

function groupsOf(schema: JsonObject, definitions: JsonObject): readonly Group[] {
  const name = referenceOf(schema);
  const conditional = ["then", "else"].flatMap((keyword) => schemasOf([schema[keyword] ?? null]));
  const dependent = Object.values(objectAt(schema, "dependentSchemas")).filter(isObject);
  return [
    ...(name === undefined ? [] : [{ members: [objectAt(definitions, name)], binds: true }]),
    ...schemasOf(schema["allOf"]).map((member) => ({ members: [member], binds: true })),
    ...["anyOf", "oneOf"].map((keyword) => ({ members: schemasOf(schema[keyword]), binds: true })),
    { members: conditional, binds: conditional.length === 2 },
    ...dependent.map((member) => ({ members: [member], binds: false })),
  ].filter(({ members }) => members.length > 0);
}

/** What a schema itself says about members, without its parts. */
function ownMembers(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    ["properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "items"]
      .filter((keyword) => schema[keyword] !== undefined)
      .map((keyword) => [keyword, schema[keyword] ?? null]),
  );
}

/** Whether a schema says about every member of an object what it is, or that it is not there. */
function leavesNothing(schema: JsonObject, definitions: JsonObject): boolean {
  if (schema["additionalProperties"] !== undefined || schema["unevaluatedProperties"] !== undefined)
    return true;
  const name = referenceOf(schema);
  const inside = (part: JsonObject) => leavesNothing(part, definitions);
  return (
    (name !== undefined && inside(objectAt(definitions, name))) ||
    schemasOf(schema["allOf"]).some(inside) ||
    ["anyOf", "oneOf"].some((keyword) => {
      const branches = schemasOf(schema[keyword]);
      return branches.length > 0 && branches.every((branch) => inside(branch) || branch["type"] === "null");
    })
  );
}
