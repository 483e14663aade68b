import type { Json, JsonObject } from "../json.ts";
import type { Sources } from "../sources.ts";

/** A small, faultless folder of schemas: one thin-free event type with one example and one invalid example. */
const goodFiles: Readonly<Record<string, Json | string>> = {
  "hooks.schemas.json": { package: "@acme/events", source: "acme", lint: "strict" },
  "door.opened/schema.json": doorOpened(),
  "door.opened/examples/front.json": { object: { id: "d1", by: "key" } },
  "door.opened/invalid/no-id.json": {
    why: "A door has an id.",
    data: { object: { by: "key" } },
    expect: { pointer: "/object/id", keyword: "required" },
  },
};

/** The contract of `door.opened`, with other members in `data.object` or at the root of the schema. */
export function doorOpened({ members = {}, root = {} }: DoorChanges = {}): JsonObject {
  return {
    "x-event": {
      version: "1.0.0",
      group: "doors",
      summary: "A door opened",
      trigger: "Opening",
      payload: "full",
    },
    type: "object",
    required: ["object"],
    properties: {
      object: {
        description: "The door.",
        type: "object",
        required: ["id"],
        properties: {
          id: { description: "Id.", type: "string", maxLength: 20 },
          by: { description: "With what.", type: "string", enum: ["key", "code"] },
          ...members,
        },
      },
    },
    ...root,
  };
}

interface DoorChanges {
  readonly members?: JsonObject;
  readonly root?: JsonObject;
}

/** The faultless folder with some files changed, added, or (`undefined`) taken away. */
export function sourcesWith(changes: Readonly<Record<string, Json | string | undefined>> = {}): Sources {
  const files = Object.entries({ ...goodFiles, ...changes }).filter(([, content]) => content !== undefined);
  return new Map(
    files.map(([file, content]) => [file, typeof content === "string" ? content : JSON.stringify(content)]),
  );
}
