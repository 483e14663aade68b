import { majorsOf, type Catalog, type CatalogEvent } from "./catalog.ts";
import { exampleEvents } from "./event-shape.ts";
import { fieldsOf, type Field } from "./fields.ts";
import { codeBlock, escapeMarkdown, inlineCode, oneLine } from "./markdown.ts";
import type { DocumentsOptions } from "./pages.ts";
import { paths } from "./paths.ts";
import { deprecationText, securityDescription, titleOf } from "./prose.ts";

/** The catalogue as `llms.txt` (llmstxt.org): what a program that writes a receiver has to know, and where it goes on. */
export function renderLlms({ catalog, baseUrl = "" }: Pick<DocumentsOptions, "catalog" | "baseUrl">): string {
  const link = (path: string) => (baseUrl === "" ? path : new URL(path, baseUrl).href);
  const groups = [...Map.groupBy(catalog.events, ({ group }) => group)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const sections = groups.map(([group, events]) => {
    const lines = events.map(
      ({ type, summary, lifecycle }) =>
        `- [${escapeMarkdown(type)}](${link(paths.markdown(type))}): ${escapeMarkdown(summary)}` +
        (lifecycle === "stable" ? "" : ` (${escapeMarkdown(lifecycle)})`),
    );
    return `## ${escapeMarkdown(group)}\n\n${lines.join("\n")}\n`;
  });
  return `# ${escapeMarkdown(titleOf(catalog))}

> ${catalog.events.length} event types, sent as signed HTTP POST requests with a JSON body.

${deliveryNotes.map((note) => `- ${note}`).join("\n")}

${sections.join("\n")}
## Optional

- [OpenAPI 3.1](${link(paths.openApi)}): every event under \`webhooks\`
- [AsyncAPI 3](${link(paths.asyncApi)}): the same as channels and messages
`;
}

const deliveryNotes = [
  "Body: `{ id, type, version, timestamp, source, subject?, sequence?, data }`; `data` is what the pages below describe.",
  "Headers: `webhook-id` (equals `id`, the same on every attempt), `webhook-timestamp`, `webhook-signature`, `webhook-version`.",
  securityDescription,
  "Answer 2xx once the event is stored; drop ids you have seen. 410 disables the endpoint; anything else is tried again.",
  "Read openly: accept members you do not know, and any minor version of a major that you know.",
];

/** One event type as a Markdown page. */
export function renderEventMarkdown(catalog: Catalog, event: CatalogEvent): string {
  const [newest] = event.versions;
  const { list, isWhole } = fieldsOf(newest.schema);
  const examples = exampleEvents(catalog, event, newest).map(({ event: example }) =>
    codeBlock("json", JSON.stringify(example, null, 2)),
  );
  const deprecation = deprecationText(newest.schema);
  const older = majorsOf(event).slice(1);
  const schemaLink = `../${paths.schema(event.type, newest.version)}`;
  return `# ${escapeMarkdown(event.type)}

> ${escapeMarkdown(event.summary)}

${escapeMarkdown(event.trigger)}

- Version: ${newest.version}${older.length === 0 ? "" : ` (older majors: ${older.map(({ version }) => version).join(", ")})`}
- Lifecycle: ${escapeMarkdown(event.lifecycle)}${deprecation === undefined ? "" : `\n- ${escapeMarkdown(deprecation)}`}
- JSON Schema of \`data\`: [${newest.version}](${schemaLink})

## Fields of \`data\`

${list.map(fieldLine).join("\n")}
${isWhole ? "" : "\nThis is not all: see the JSON Schema.\n"}
## Examples

${examples.length === 0 ? "There is none." : examples.join("\n\n")}
`;
}

function fieldLine(field: Field): string {
  const facts = [
    field.type + (field.isNullable ? " or null" : ""),
    field.isRequired ? "required" : "optional",
    ...field.limits,
    ...(field.pattern === undefined ? [] : [`matches ${field.pattern}`]),
    ...(field.condition === undefined ? [] : [`only where ${field.condition}`]),
    ...(field.isDeprecated ? ["deprecated"] : []),
    ...(field.sensitive === undefined ? [] : [`sensitive: ${field.sensitive.kind}`]),
    ...(field.sameAs === undefined ? [] : [`members as in ${field.sameAs}`]),
  ];
  const values = field.values.map((value) => inlineCode(JSON.stringify(value))).join(", ");
  const tail = [
    escapeMarkdown(field.description),
    values === "" ? "" : `${field.isOpenEnum ? "One of these, or one that will come" : "One of"}: ${values}.`,
  ].filter((text) => text !== "");
  return oneLine(`- ${inlineCode(field.path)} (${escapeMarkdown(facts.join(", "))}) ${tail.join(" ")}`);
}
