import { html, highlightJson, prose, type Html } from "../html.ts";
import type { Catalog, CatalogEvent, CatalogVersion } from "../catalog.ts";
import { exampleEvents } from "../event-shape.ts";
import type { VersionChange } from "../version-changes.ts";
import { paths } from "../paths.ts";
import { deprecationLink, deprecationText, lifecycleOf } from "../prose.ts";
import { curlScript, handlerSnippet, mockCommand } from "../snippets.ts";
import { changesSection } from "./changes.ts";
import { fieldsTable } from "./fields-table.ts";
import { badge, breakable, codeFigure, lifecycleBadge, renderPage } from "./layout.ts";

export interface EventPage {
  readonly catalog: Catalog;
  readonly event: CatalogEvent;
  /** The version the page is about. */
  readonly version: CatalogVersion;
  /** Newest first: all of them on the page of the newest version, its own on that of an older one. */
  readonly changes: readonly VersionChange[];
}

/** The page of one version of an event type. */
export function renderEventPage(page: EventPage): string {
  const { catalog, event, version } = page;
  const [newest] = event.versions;
  const isNewest = version === newest;
  const sections = [
    { id: "versions", title: "Versions", content: versionsSection(event, version) },
    { id: "fields", title: "Fields", content: fieldsSection(event, version) },
    { id: "examples", title: "Examples", content: examplesSection(page) },
    ...(isNewest ? [{ id: "test", title: "Try it", content: testSection(page) }] : []),
    ...(isNewest ? [{ id: "handle", title: "Handle it", content: handleSection(page) }] : []),
    ...(page.changes.length > 0
      ? [{ id: "changes", title: "Changes", content: changesSection(page.changes) }]
      : []),
  ];
  const content = html`<div class="page">
    <article>${heading(page, isNewest)} ${sections.map(({ content }) => content)}</article>
    <nav class="contents" aria-label="On this page">
      <h2>On this page</h2>
      <ul>
        ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li> `)}
      </ul>
    </nav>
  </div>`;
  const title = isNewest ? event.type : `${event.type} ${version.version}`;
  return renderPage({ catalog, title, description: event.summary, root: "../", content });
}

function heading({ event, version }: EventPage, isNewest: boolean): Html {
  const { type, group, summary, trigger, featureFlags, payload } = event;
  const older = html`<p class="notice">
    This is version ${version.version}; the newest is
    <a href="${below(paths.event(event, event.versions[0]))}">${event.versions[0].version}</a>.
  </p>`;
  return html`<nav aria-label="Breadcrumb">
      <ol class="crumbs">
        <li><a href="../${paths.index}">Events</a></li>
        <li>${group}</li>
      </ol>
    </nav>
    <h1><code>${breakable(type)}</code></h1>
    <p class="lead">${summary}</p>
    <p class="marks">
      ${badge(version.version)}${lifecycleBadge(lifecycleOf(version.schema))}${badge(payload === "full" ? "whole resource" : "link to the resource")}${featureFlags.map((flag) => badge(`flag ${flag}`, "accent"))}
    </p>
    ${!isNewest && older} ${deprecationNotice(version)}
    <p><strong>When it fires.</strong> ${prose(trigger)}</p>
    ${featureFlags.length > 0 && html`<p>Sent only to endpoints that have the feature flag.</p>`}`;
}

function deprecationNotice({ schema }: CatalogVersion): Html | undefined {
  const text = deprecationText(schema);
  if (text === undefined) return undefined;
  const link = deprecationLink(schema);
  return html`<div class="notice alert">
    <p>${prose(text)}</p>
    ${link !== undefined && html`<p><a href="${link}">How to move on</a></p>`}
  </div>`;
}

function schemaLink({ version }: CatalogVersion): Html {
  return html`JSON Schema<span class="quiet"> of ${version}</span>`;
}

function versionsSection(event: CatalogEvent, shown: CatalogVersion): Html {
  const isDated = event.versions.some(({ released }) => released !== undefined);
  const link = (version: CatalogVersion) =>
    version === shown
      ? html`<span aria-current="page">${version.version}</span>`
      : html`<a href="${below(paths.event(event, version))}">${version.version}</a>`;
  const row = (version: CatalogVersion) =>
    html`<tr>
      <th scope="row">${link(version)} ${lifecycleBadge(lifecycleOf(version.schema))}</th>
      ${isDated && html`<td>${version.released ?? "not recorded"}</td>`}
      <td><a href="../${paths.schema(event.type, version.version)}">${schemaLink(version)}</a></td>
    </tr> `;
  return html`<section aria-labelledby="versions">
    <h2 id="versions">Versions</h2>
    <table class="versions">
      <caption>
        An endpoint is pinned to a major and receives its newest minor
      </caption>
      <thead>
        <tr>
          <th scope="col">Version</th>
          ${isDated && html`<th scope="col">Released</th>`}
          <th scope="col">Contract</th>
        </tr>
      </thead>
      <tbody>
        ${event.versions.map(row)}
      </tbody>
    </table>
    <p class="note">
      In the documents of all events: <a href="../${paths.openApi}">OpenAPI</a>,
      <a href="../${paths.asyncApi}">AsyncAPI</a>; this page as
      <a href="${below(paths.markdown(event.type))}">Markdown</a>.
    </p>
  </section> `;
}

function fieldsSection(event: CatalogEvent, version: CatalogVersion): Html {
  return html`<section aria-labelledby="fields">
    <h2 id="fields">Fields</h2>
    ${fieldsTable(event, version)}
  </section> `;
}

function examplesSection({ catalog, event, version }: EventPage): Html {
  const examples = exampleEvents(catalog, event, version);
  return html`<section aria-labelledby="examples">
    <h2 id="examples">Examples</h2>
    <p>Whole events, as they are sent.</p>
    ${examples.map(({ event: example }, index) => codeFigure(`Example ${index + 1}`, highlightJson(example)))}
    ${examples.length === 0 && html`<p class="note">There is none.</p>`}
  </section> `;
}

function testSection({ catalog, event, version }: EventPage): Html {
  const [example] = exampleEvents(catalog, event, version);
  const curl =
    example === undefined
      ? undefined
      : curlScript({ id: String(example.event["id"]), version: version.version, event: example.event });
  return html`<section aria-labelledby="test">
    <h2 id="test">Try it</h2>
    <p>
      Send a signed example to your own receiver, from a project that has
      <code>${catalog.name}</code> installed:
    </p>
    ${codeFigure("Shell", mockCommand(event.type, catalog.name))}
    ${
      curl !== undefined &&
      html`<p>
          Or without installing anything, with <code>curl</code> and <code>openssl</code>. A signature is good
          for five minutes only, so this computes one when it runs. The id is always the same: a receiver that
          drops duplicates handles it once.
        </p>
        ${codeFigure("Shell", curl)}`
    }
  </section> `;
}

function handleSection({ catalog, event }: EventPage): Html {
  return html`<section aria-labelledby="handle">
    <h2 id="handle">Handle it</h2>
    <p>Verified, deduplicated and typed by the contract:</p>
    ${codeFigure("TypeScript", handlerSnippet(event.type, catalog.name))}
  </section> `;
}

/** A path of the site as a page in `events/` links to it. */
function below(path: string): string {
  return `../${path}`;
}
