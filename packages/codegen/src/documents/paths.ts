import type { CatalogEvent, CatalogVersion } from "./catalog.ts";

/** Where each document stands, below the root of the site. */
export const paths = {
  index: "index.html",
  assets: "assets",
  openApi: "openapi.json",
  asyncApi: "asyncapi.json",
  llms: "llms.txt",
  /** The newest version of an event type has its page to itself. */
  event: ({ type, versions: [newest] }: CatalogEvent, { version }: CatalogVersion) =>
    `events/${fileName(type)}${version === newest.version ? "" : `@${fileName(version)}`}.html`,
  /** Beside the page, as llmstxt.org proposes. */
  markdown: (type: string) => `events/${fileName(type)}.html.md`,
  schema: (type: string, version: string) => `schemas/${fileName(type)}/${fileName(version)}.json`,
};

/** A name that is one safe segment of a path and of a URL; event types are so already. */
function fileName(name: string): string {
  const safe = name.replaceAll(
    /[^A-Za-z0-9._-]/g,
    (character) => `_${character.charCodeAt(0).toString(16)}_`,
  );
  return /^\.+$/.test(safe) ? `_${safe}` : safe;
}
