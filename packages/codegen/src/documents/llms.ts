import type { Catalog } from "./catalog.ts";
import { escapeMarkdown } from "./markdown.ts";
import { paths } from "./paths.ts";
import { securityDescription, titleOf } from "./prose.ts";

export interface LlmsOptions {
  readonly catalog: Catalog;
  /** Where the site will stand, such as `https://docs.example.com/events/`; makes the links of `llms.txt` absolute. */
  readonly baseUrl?: string | undefined;
}

/** The catalogue as `llms.txt` (llmstxt.org): what a program that writes a receiver has to know, and where it goes on. */
export function renderLlms({ catalog, baseUrl = "" }: LlmsOptions): string {
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
