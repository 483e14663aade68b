import type { Request, Response } from "express";
import type { Contracts } from "@hooks/sender";
import { createCatalogSite } from "./catalog-site.ts";
import { Refusal } from "./problem.ts";

/** Where the catalogue site stands. */
export const CATALOG_PATH = "/catalog";

const HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
};

/** Answers everything below `/catalog`: open to everybody who can connect, like any documentation. */
export function answerCatalog(contracts: Contracts): (request: Request, response: Response) => Promise<void> {
  const site = createCatalogSite(contracts);
  return async (request, response) => {
    if (!["GET", "HEAD"].includes(request.method))
      throw new Refusal("method_not_allowed", `Expected GET, HEAD, got ${request.method}`, {
        headers: { allow: "GET, HEAD" },
      });
    const path = pathOf(request);
    if (path === undefined) {
      // Links of the site are relative to its root, which ends with a slash.
      response
        .status(308)
        .set("location", `${CATALOG_PATH.slice(1)}/`)
        .end();
      return;
    }
    const file = await site(path === "" ? "index.html" : path);
    if (file === undefined) throw new Refusal("not_found", "There is nothing at this path");
    response.set({ ...HEADERS, etag: file.etag });
    if (matches(request.get("if-none-match"), file.etag)) {
      response.status(304).end();
      return;
    }
    response.status(200);
    response.setHeader("content-type", file.type);
    response.setHeader("content-length", file.body.length);
    response.end(request.method === "HEAD" ? undefined : file.body);
  };
}

/** The path below the root of the site; `undefined` for the root without its slash. */
function pathOf({ originalUrl }: Request): string | undefined {
  const [whole = ""] = originalUrl.split("?");
  if (whole === CATALOG_PATH) return undefined;
  try {
    return decodeURIComponent(whole.slice(CATALOG_PATH.length + 1));
  } catch {
    throw new Refusal("not_found", "There is nothing at this path");
  }
}

/** Weak comparison, as `If-None-Match` asks for (RFC 9110, 13.1.2). */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
