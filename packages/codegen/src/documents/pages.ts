import { once } from "../once.ts";
import { formatJson, type Files } from "../render/files.ts";
import { dialect } from "../schema.ts";
import { renderAsyncApi } from "./asyncapi.ts";
import type { Catalog, CatalogEvent } from "./catalog.ts";
import { renderEventMarkdown } from "./event-markdown.ts";
import { renderLlms, type LlmsOptions } from "./llms.ts";
import { renderOpenApi } from "./openapi.ts";
import { paths } from "./paths.ts";
import { renderEventPage } from "./site/event-page.ts";
import { renderIndexPage } from "./site/index-page.ts";
import { versionChanges } from "./version-changes.ts";

export interface DocumentsOptions extends LlmsOptions {
  /** Style, script and icon of the site (`readSiteAssets`). */
  readonly assets: Files;
}

/** Path of each document, and how to make it: a server renders only what is asked for. */
export type Pages = ReadonlyMap<string, () => string>;

/**
 * Every document of a catalogue: the site, `openapi.json`, `asyncapi.json`, `llms.txt` with a Markdown page for each
 * event type, and the schema of every version. Links between them are relative, so they may stand anywhere.
 */
export function createPages(options: DocumentsOptions): Pages {
  const { catalog, assets } = options;
  const pages = new Map<string, () => string>([
    [paths.index, () => renderIndexPage(catalog)],
    [paths.openApi, () => formatJson(renderOpenApi(catalog))],
    [paths.asyncApi, () => formatJson(renderAsyncApi(catalog))],
    [paths.llms, () => renderLlms(options)],
  ]);
  for (const [name, text] of assets) pages.set(`${paths.assets}/${name}`, () => text);
  for (const event of catalog.events) addEvent(pages, catalog, event);
  return pages;
}

/** Renders everything at once; the same files, in the same order, for the same catalogue. */
export function renderDocuments(options: DocumentsOptions): Files {
  const files = [...createPages(options)].map(([path, render]) => [path, render()] as const);
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function addEvent(pages: Map<string, () => string>, catalog: Catalog, event: CatalogEvent): void {
  const changesOf = once(() => versionChanges(event));
  pages.set(paths.markdown(event.type), () => renderEventMarkdown({ catalog, event, changes: changesOf() }));
  for (const [index, version] of event.versions.entries()) {
    pages.set(paths.event(event, version), () => {
      const changes = index === 0 ? changesOf() : changesOf().slice(index, index + 1);
      return renderEventPage({ catalog, event, version, changes });
    });
    pages.set(paths.schema(event.type, version.version), () =>
      formatJson({ $schema: dialect, ...version.schema }),
    );
  }
}
