import { createHash } from "node:crypto";
import { extname } from "node:path";
import { createCatalog, createPages, type Catalog, type Pages, readSiteAssets } from "@hooks/codegen";
import type { Contracts } from "@hooks/sender";

/** A file of the catalogue site. */
export interface CatalogFile {
  readonly type: string;
  readonly body: Buffer;
  /** Strong, of the bytes. */
  readonly etag: string;
}

/** The catalogue site: the file at a path below its root, or `undefined`. */
export type CatalogSite = (path: string) => Promise<CatalogFile | undefined>;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

/** The contracts a sender runs with, as documents are made of them. */
export function catalogOf({ name, source, eventTypes }: Contracts): Catalog {
  return createCatalog({ name: name ?? source, source, eventTypes });
}

/**
 * The catalogue site of the contracts a sender runs with. A page is rendered when it is asked for first, and kept: there
 * are only so many. Paths are looked up among the known ones, so none leads out.
 */
export function createCatalogSite(contracts: Contracts): CatalogSite {
  let pages: Promise<Pages> | undefined;
  const files = new Map<string, CatalogFile>();
  return async (path) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    pages ??= readSiteAssets().then((assets) => createPages({ catalog: catalogOf(contracts), assets }));
    const render = (await pages).get(path);
    if (render === undefined) return undefined;
    const file = toFile(path, render());
    files.set(path, file);
    return file;
  };
}

function toFile(path: string, text: string): CatalogFile {
  const body = Buffer.from(text);
  const digest = createHash("sha256").update(body).digest("base64url").slice(0, 22);
  return { type: types[extname(path)] ?? "application/octet-stream", body, etag: `"${digest}"` };
}
