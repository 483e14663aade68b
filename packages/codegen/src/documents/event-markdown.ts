import type { Catalog, CatalogEvent, CatalogVersion } from "./catalog.ts";
import { exampleEvents } from "./event-shape.ts";
import { fieldsOf, type Field } from "./fields.ts";
import { codeBlock, escapeMarkdown, inlineCode, oneLine } from "./markdown.ts";
import type { VersionChange } from "./version-changes.ts";
import { paths } from "./paths.ts";
import { deprecationText, lifecycleOf } from "./prose.ts";
import { verdictOf } from "./verdict.ts";

export interface EventMarkdown {
  readonly catalog: Catalog;
  readonly event: CatalogEvent;
  /** Newest first. */
  readonly changes: readonly VersionChange[];
}

/** One event type as a Markdown page: what its newest version holds, and what each version changed. */
export function renderEventMarkdown({ catalog, event, changes }: EventMarkdown): string {
  const [newest] = event.versions;
  const { list, isWhole } = fieldsOf(newest.schema);
  const examples = exampleEvents(catalog, event, newest).map(({ event: example }) =>
    codeBlock("json", JSON.stringify(example, null, 2)),
  );
  const deprecation = deprecationText(newest.schema);
  return `# ${escapeMarkdown(event.type)}

> ${escapeMarkdown(event.summary)}

${escapeMarkdown(event.trigger)}

- Version: ${newest.version}
- Lifecycle: ${escapeMarkdown(event.lifecycle)}${deprecation === undefined ? "" : `\n- ${escapeMarkdown(deprecation)}`}

## Fields of \`data\`

${list.map(fieldLine).join("\n")}
${isWhole ? "" : "\nThis is not all: see the JSON Schema.\n"}
## Examples

${examples.length === 0 ? "There is none." : examples.join("\n\n")}

## Versions

An endpoint is pinned to a major and receives its newest minor. Each links to its JSON Schema of \`data\`.

${event.versions.map((version) => versionLine(event, version)).join("\n")}
${changes.length === 0 ? "" : `\n## Changes\n\n${changes.map(changeSection).join("\n")}`}`;
}

function versionLine({ type }: CatalogEvent, { version, released, schema }: CatalogVersion): string {
  const lifecycle = lifecycleOf(schema);
  const facts = [
    ...(released === undefined ? [] : [`released ${released}`]),
    ...(lifecycle === "stable" ? [] : [lifecycle]),
  ].join(", ");
  const link = `[${escapeMarkdown(`version ${version}`)}](../${paths.schema(type, version)})`;
  return `- ${link}${facts === "" ? "" : `: ${escapeMarkdown(facts)}`}`;
}

function changeSection(change: VersionChange): string {
  const { from, to, comparison } = change;
  const lines = comparison.changes.map(({ rule, pointer, message, action }) => {
    const place = pointer === "" ? "the whole contract" : inlineCode(pointer);
    return `- ${escapeMarkdown(`${message} ${action}`)} (${inlineCode(rule)} at ${place})\n`;
  });
  const title = `### ${escapeMarkdown(`Version ${to.version} after ${from.version}: ${comparison.bump}`)}`;
  return `${title}\n\n${escapeMarkdown(verdictOf(change))}\n${lines.length === 0 ? "" : `\n${lines.join("")}`}`;
}

function fieldLine(field: Field): string {
  const facts = [
    field.type + (field.isNullable ? " or null" : ""),
    field.isRequired ? "required" : "optional",
    ...field.limits,
    ...(field.pattern === undefined ? [] : [`matches ${field.pattern}`]),
    ...(field.condition === undefined ? [] : [`only where ${field.condition}`]),
    ...(field.isDeprecated ? ["deprecated"] : []),
    ...(field.sensitive === undefined ? [] : [`sensitive: ${field.sensitive}`]),
    ...(field.sameAs === undefined ? [] : [`members as in ${field.sameAs}`]),
  ];
  const values = field.values.map((value) => inlineCode(JSON.stringify(value))).join(", ");
  const tail = [
    escapeMarkdown(field.description),
    values === "" ? "" : `${field.isOpenEnum ? "One of these, or one that will come" : "One of"}: ${values}.`,
  ].filter((text) => text !== "");
  return oneLine(`- ${inlineCode(field.path)} (${escapeMarkdown(facts.join(", "))}) ${tail.join(" ")}`);
}
