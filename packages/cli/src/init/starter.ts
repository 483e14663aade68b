import type { Files } from "@hooks/codegen";
import { formatJson } from "../output.ts";

export interface StarterOptions {
  readonly package: string;
  readonly source: string;
}

const explanation = `# Event contracts

One folder for each event type, called like it: \`resource.action\`. For another one, copy a folder without
its \`versions\` and \`changelog.json\`, give the copy the name of its event type, and change what it says.

- \`order.created/schema.json\` is the contract: a JSON Schema (2020-12) of the event's \`data\`. Edit it; \`x-event\` says
  in which group it is listed and when it fires. Leave its \`version\` alone: the release computes the next one. Only to
  break subscribers on purpose, raise it to the next major, and \`migration\` drafts the converters that takes.
- \`order.created/examples/*.json\` are \`data\` that must pass, for ever.
- \`order.created/invalid/*.json\` must fail with exactly one fault, the one it names.
- \`order.created/versions/*.json\` and \`changelog.json\` (not there yet) come with the first release and are never edited.
- \`common/*.schema.json\` (not there yet) holds shapes that several contracts use.
- \`hooks.schemas.json\` names the generated package, the default \`source\` of events, and how strict \`lint\` is.

\`\`\`sh
npx hooks contracts lint                          # is everything right?
npx hooks contracts generate --out src/generated  # types, validators, builders, fixtures
npx hooks contracts mock order.created --to http://127.0.0.1:3000/webhooks
npx hooks contracts check                         # what changed, whom it breaks, and the next version
npx hooks contracts changeset                     # with changesets: that as text for subscribers, before the release
npx hooks contracts release                       # keep this version for ever
\`\`\`
`;

const contract = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $comment: "The contract of one event type: edit it, rename its folder, and run `hooks contracts lint`.",
  title: "order.created",
  "x-event": {
    version: "1.0.0",
    group: "orders",
    summary: "An order was placed",
    trigger: "Fires once, when a customer has placed an order.",
    payload: "full",
  },
  type: "object",
  required: ["object"],
  properties: {
    object: {
      $comment:
        "The resource as it is after the event. Every member has a description; objects are closed for you, open for receivers.",
      description: "The order.",
      type: "object",
      required: ["id", "total", "placed_at"],
      properties: {
        id: { description: "Id of the order.", type: "string", maxLength: 64 },
        total: {
          $comment: "Integers have bounds, for JSON numbers are exact only up to 2^53.",
          description: "What is to be paid, in cents.",
          type: "integer",
          minimum: 0,
          maximum: 1_000_000_000,
        },
        channel: {
          $comment: "x-open-enum: more values may come in a minor version, and receivers accept them.",
          description: "Where it was placed.",
          type: "string",
          enum: ["web", "app"],
          "x-open-enum": true,
        },
        customer_email: {
          $comment: "x-sensitive: never shown in errors or logs.",
          description: "Where the confirmation goes.",
          type: "string",
          format: "email",
          maxLength: 320,
          "x-sensitive": "pii",
        },
        placed_at: { description: "When it was placed.", type: "string", format: "date-time", maxLength: 40 },
      },
    },
    resource_url: {
      description: "Where the order can be fetched.",
      type: "string",
      format: "uri",
      maxLength: 2000,
    },
  },
};

const example = {
  object: {
    id: "ord_1",
    total: 4900,
    channel: "web",
    customer_email: "ada@example.com",
    placed_at: "2026-01-15T09:30:00Z",
  },
};

const invalid = {
  why: "Cents are counted, not written as text.",
  data: { object: { ...example.object, total: "49.00" } },
  expect: { pointer: "/object/total", keyword: "type" },
};

/** The files of a folder to start from: one contract, an example, and one that must fail. */
export function starter({ package: name, source }: StarterOptions): Files {
  return new Map([
    ["README.md", explanation],
    ["hooks.schemas.json", formatJson({ package: name, source, lint: "strict" })],
    ["order.created/schema.json", formatJson(contract)],
    ["order.created/examples/web.json", formatJson(example)],
    ["order.created/invalid/total-as-text.json", formatJson(invalid)],
  ]);
}
