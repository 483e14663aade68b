import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { JsonObject } from "../json.ts";
import type { Files } from "../render/files.ts";
import { doorOpened, sourcesWith } from "../test-support/sources.ts";
import {
  catalogOfSources,
  githubCatalog,
  hostileCatalog,
  hostileText,
  ownCatalog,
} from "../test-support/catalogs.ts";
import { readSiteAssets } from "./assets.ts";
import type { Catalog } from "./catalog.ts";
import { renderDocuments } from "./pages.ts";

const assets = await readSiteAssets();
const catalogs: readonly (readonly [string, Catalog])[] = [
  ["this repository's contracts", await ownCatalog()],
  ["contracts with hostile texts", hostileCatalog()],
  ["GitHub's contracts", githubCatalog()],
];

const tag = /<\/?([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>/g;

function pagesOf(files: Files): readonly (readonly [string, string])[] {
  return [...files].filter(([path]) => path.endsWith(".html"));
}

function unescapeHtml(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return text.replaceAll(/&(lt|gt|quot|#39|amp);/g, (_entity, name: string) => characters[name] ?? "");
}

/** What the figures of a page hold that are called so. */
function codeOf(page: string, title: RegExp): readonly string[] {
  const figures = page.matchAll(
    /<figcaption><span>(.*?)<\/span><\/figcaption>\n<pre tabindex="0"><code>(.*?)<\/code>/gs,
  );
  return [...figures]
    .filter(([, caption]) => title.test(caption ?? ""))
    .map(([, , code]) => unescapeHtml((code ?? "").replaceAll(tag, "")));
}

describe.each(catalogs)("renderDocuments of %s", (_title, catalog) => {
  const files = renderDocuments({ catalog, assets });
  const pages = pagesOf(files);

  it("has a page for each version, and a Markdown page for each event type", () => {
    const versions = catalog.events.flatMap(({ versions }) => versions);
    expect(pages).toHaveLength(versions.length + 1);
    expect([...files.keys()].filter((path) => path.endsWith(".html.md"))).toHaveLength(catalog.events.length);
  });

  it("is the same for the same catalogue", () => {
    expect([...renderDocuments({ catalog: structuredClone(catalog), assets })]).toEqual([...files]);
  });

  it("holds nothing but elements and attributes of its own, and nothing inline", () => {
    const [elements, addresses] = [new Set<string>(), new Set<string>()];
    for (const [path, page] of pages) {
      const rest = page.replace("<!doctype html>", "").replaceAll(tag, "");
      expect(rest, path).not.toContain("<");
      for (const [, name = "", attributes = ""] of page.matchAll(tag)) {
        if (name === "script") expect(attributes).toMatch(/^( src="(?:\.\.\/)?assets\/site\.js")?$/);
        elements.add(name);
        for (const [, attribute = "", value = ""] of attributes.matchAll(/\s([a-z-]+)(?:="([^"]*)")?/g)) {
          elements.add(`${name} ${attribute}`);
          if (["href", "src"].includes(attribute)) addresses.add(value);
        }
      }
    }
    const forbidden = /^(?:style|iframe|img|object|embed|base)$|^\S+ (?:on.*|style|srcdoc|formaction)$/;
    expect([...elements].filter((element) => forbidden.test(element))).toEqual([]);
    expect([...addresses].filter((address) => !/^(?:https?:\/\/|[#\w./@:*-]+$)/.test(address))).toEqual([]);
    expect([...addresses].filter((address) => /^(?:javascript|data):/i.test(address))).toEqual([]);
  });

  it("links only to what is there", () => {
    const ids = new Set(
      pages.flatMap(([path, page]) => [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => `${path}#${id}`)),
    );
    for (const [path, page] of pages)
      for (const [, target = ""] of page.matchAll(/(?:href|src)="([^"]*)"/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = "", fragment] = unescapeHtml(target).split("#");
        const to = file === "" ? path : posix.join(posix.dirname(path), decodeURIComponent(file));
        expect(files.has(to), `${path} links to ${target}`).toBe(true);
        if (fragment !== undefined) expect(ids).toContain(`${to}#${fragment}`);
      }
  });

  it("gives no id twice", () => {
    for (const [path, page] of pages) {
      const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
      expect(new Set(ids).size, path).toBe(ids.length);
      for (const id of ids) expect(id).not.toMatch(/\s/);
    }
  });

  it("shows whole examples that the closed contracts accept", () => {
    const shown = pages
      .flatMap(([, page]) => codeOf(page, /^Example/))
      .map((text) => JSON.parse(text) as JsonObject);
    const wanted = catalog.events.flatMap(({ versions }) => versions.flatMap(({ examples }) => examples));
    expect(shown.map(({ data }) => JSON.stringify(data)).toSorted()).toEqual(
      wanted.map((data) => JSON.stringify(data)).toSorted(),
    );
    expect(wanted.length).toBeGreaterThan(0);
    for (const { type, version, data } of shown) {
      const { versions } = catalog.events.find((event) => event.type === type)!;
      const { schema } = versions.find((one) => one.version === version)!;
      const { check } = compile(schema, "closed");
      expect(check(data), JSON.stringify(check.errors)).toBe(true);
    }
  });

  it("writes Markdown that links only to what is there, and in which foreign text means nothing", () => {
    const list = [...files].filter(([path]) => path.endsWith(".md") || path === "llms.txt");
    for (const [path, text] of list) {
      const prose = text
        .replaceAll(/^(`{3,})json\n.*?\n\1$/gms, "")
        .replaceAll(/(`+)[^`\n].*?[^`]?\1(?!`)/g, "`");
      for (const [, target = ""] of prose.matchAll(/(?<!\\)\]\(([^)]*)\)/g))
        expect([...files.keys()], `${path}: ${target}`).toContain(posix.join(posix.dirname(path), target));
      expect(prose).not.toMatch(/(?<!\\)</);
      const headings = prose.split("\n").filter((line) => /^#+ /.test(line));
      expect(headings.filter((line) => line.startsWith("# "))).toHaveLength(1);
      expect(headings.join("\n")).not.toMatch(/^# Not a heading/m);
    }
  });

  it("writes llms.txt as llmstxt.org says: a title, a summary, lists of links", () => {
    const lines = (files.get("llms.txt") ?? "").split("\n").filter((line) => line !== "");
    expect(lines[0]).toMatch(/^# \S/);
    expect(lines[1]).toMatch(/^> \S/);
    const lists = lines.slice(lines.findIndex((line) => line.startsWith("## ")));
    for (const line of lists) expect(line).toMatch(/^(?:## \S.*|- \[[^\]]+\]\([^)]+\): \S.*)$/);
    expect(lists.filter((line) => line.startsWith("- "))).toHaveLength(catalog.events.length + 2);
  });
});

describe("renderDocuments", () => {
  it("makes the links of llms.txt absolute where the site's address is known", () => {
    const files = renderDocuments({
      catalog: hostileCatalog(),
      assets,
      baseUrl: "https://docs.example.com/events/",
    });
    expect(files.get("llms.txt")).toContain("(https://docs.example.com/events/events/door.opened.html.md)");
  });

  it("shows texts as they are", () => {
    const page = renderDocuments({ catalog: hostileCatalog(), assets }).get("events/door.opened.html") ?? "";
    const shown = unescapeHtml(page.replaceAll(tag, ""));
    expect(shown.split(hostileText).length).toBeGreaterThan(4);
  });

  it("says what a field is, and what is deprecated until when", () => {
    const page = renderDocuments({ catalog: hostileCatalog(), assets }).get("events/door.opened.html") ?? "";
    const text = unescapeHtml(page.replaceAll(tag, ""));
    expect(text).toContain("Deprecated since 2026-01-01. It will be removed on 2027-01-01. Use instead:");
    expect(text).toContain("open enum");
    expect(text).toContain("since 2.0.0");
    expect(text).not.toContain("How to move on");
  });

  it("says when a version was released, where that is known", async () => {
    const entry = { version: "1.0.0", released: "2026-03-02", bump: "first", changes: [] };
    const catalog = catalogOfSources(sourcesWith({ "door.opened/changelog.json": [entry] }));
    const page = renderDocuments({ catalog, assets }).get("events/door.opened.html") ?? "";
    expect(page).toContain("<td>2026-03-02</td>");
    const undated =
      renderDocuments({ catalog: hostileCatalog(), assets }).get("events/door.opened.html") ?? "";
    expect(undated).not.toContain("Released");
  });

  it("tells subscribers that a sensitive member arrives, and nothing about logs of others", () => {
    const member = {
      description: "Who.",
      type: "string",
      maxLength: 9,
      "x-sensitive": "pii",
      "x-redact": "hash",
    };
    const files = { "door.opened/schema.json": doorOpened({ members: { who: member } }) };
    const documents = renderDocuments({ catalog: catalogOfSources(sourcesWith(files)), assets });
    const page = documents.get("events/door.opened.html") ?? "";
    expect(page).toContain("PII: keep out of logs");
    expect(page).not.toMatch(/masked|hashed|left out in logs/);
    expect(documents.get("events/door.opened.html.md")).toContain("sensitive: pii");
  });

  describe("of a new major", () => {
    const by = { description: "With what.", type: "string", enum: ["key"] };
    const event = { version: "2.0.0", group: "doors", summary: "S", trigger: "T", payload: "full" };
    const files = {
      "door.opened/versions/1.0.0.json": doorOpened({ root: { examples: [{ object: { id: "d1" } }] } }),
      "door.opened/schema.json": doorOpened({ members: { by }, root: { "x-event": event } }),
      "door.opened/migrations/v2-v1.ts":
        "export const down = (data: object) => data;\nexport const up = (data: object) => data;\n",
    };
    const documents = renderDocuments({ catalog: catalogOfSources(sourcesWith(files)), assets });
    const verdict = "may not fit it. Endpoints stay on major 1 until they are raised.";

    it("does not say that there is nothing to change", () => {
      const page = documents.get("events/door.opened.html") ?? "";
      expect(page).toContain('<span class="badge alert">major</span>');
      expect(page).toContain(verdict);
      expect(page).not.toContain("nothing to change");
    });

    it("has its versions and changes on the Markdown page, too", () => {
      const page = documents.get("events/door.opened.html.md") ?? "";
      expect(page).toContain("- [version 2.0.0](../schemas/door.opened/2.0.0.json)");
      expect(page).toContain("- [version 1.0.0](../schemas/door.opened/1.0.0.json)");
      expect(page).toContain("### Version 2.0.0 after 1.0.0: major");
      expect(page.replaceAll("\\", "")).toContain(verdict);
      expect(page).toMatch(/^- \S.* \(`[A-Z_]+` at `\/properties\/object\/properties\/by.*`\)$/m);
    });
  });

  it("keeps every name inside the site, whatever the event type is called", () => {
    const [contract] = hostileCatalog().events;
    const types = ["../../etc/passwd", "..", "a/b", "a%2Fb", "con\0", "é"];
    const events = types.map((type) => ({ ...contract!, type }));
    const paths = [...renderDocuments({ catalog: { ...hostileCatalog(), events }, assets }).keys()];
    expect(paths.filter((path) => posix.normalize(path) !== path || path.startsWith(".."))).toEqual([]);
    for (const path of paths) expect(path).toMatch(/^[\w.@/-]+$/);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
