/** A faultless folder of schemas with one event type. */
export const doorFiles = {
  "schemas/hooks.schemas.json": { package: "@acme/events", source: "acme", lint: "strict" },
  "schemas/door.opened/schema.json": {
    "x-event": {
      version: "1.0.0",
      group: "doors",
      summary: "A door was opened",
      trigger: "Fires when the lock has let somebody in.",
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
          id: { description: "Id of the door.", type: "string", maxLength: 20 },
          by: { description: "With what.", type: "string", enum: ["key", "code"] },
        },
      },
    },
  },
  "schemas/door.opened/examples/front.json": { object: { id: "d1", by: "key" } },
  "schemas/door.opened/invalid/no-id.json": {
    why: "A door has an id.",
    data: { object: { by: "key" } },
    expect: { pointer: "/object/id", keyword: "required" },
  },
};
