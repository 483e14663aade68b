import { html, type Html } from "../html.ts";
import type { Catalog, CatalogEvent } from "../catalog.ts";
import { paths } from "../paths.ts";
import { badge, breakable, lifecycleBadge, renderPage } from "./layout.ts";

/** The first page: every event type, by group, with a search that a script puts to use. */
export function renderIndexPage(catalog: Catalog): string {
  const groups = [...Map.groupBy(catalog.events, ({ group }) => group)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const count = catalog.events.length;
  const content = html`<div class="intro">
      <h1>Events</h1>
      <p class="lead">
        ${count === 1 ? "One event type" : `${count} event types`}, sent as signed HTTP requests. What each
        page says is what the sender enforces.
      </p>
      <form class="search" role="search" hidden>
        <label for="search">Find an event</label>
        <input id="search" type="search" autocomplete="off" spellcheck="false" />
        <p class="found" role="status"></p>
      </form>
    </div>
    ${groups.map(([group, events], index) => groupSection(group, events, `group-${index + 1}`))}`;
  const description = `The ${count} events that ${catalog.name} describes.`;
  return renderPage({ catalog, title: "", description, root: "", content });
}

function groupSection(group: string, events: readonly CatalogEvent[], id: string): Html {
  return html`<section class="group" aria-labelledby="${id}">
    <h2 id="${id}">${group}</h2>
    <ul class="events">
      ${events.map(eventRow)}
    </ul>
  </section> `;
}

function eventRow(event: CatalogEvent): Html {
  const { type, summary, lifecycle, featureFlags, versions } = event;
  const [newest] = versions;
  const marks = html`${lifecycleBadge(lifecycle)}${featureFlags.length > 0 && badge("feature flag")}`;
  return html`<li>
    <a href="${paths.event(event, newest)}">${breakable(type)}</a>
    <span class="summary">${summary}</span>
    <span class="marks">${marks} <span class="version">${newest.version}</span></span>
  </li> `;
}
