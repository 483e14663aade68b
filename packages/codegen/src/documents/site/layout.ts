import { html, type Html } from "../html.ts";
import type { Catalog } from "../catalog.ts";
import { paths } from "../paths.ts";
import { titleOf } from "../prose.ts";

export interface Page {
  readonly catalog: Catalog;
  /** Of the page alone; empty for the first page. */
  readonly title: string;
  readonly description: string;
  /** From the page to the root of the site: empty or `../`. */
  readonly root: "" | "../";
  readonly content: Html;
}

/** What every page of a generated site says it was made by. */
export const generatorMark = "@hooks/codegen documents";

/** A whole page: nothing in it is inline that a strict content security policy would refuse. */
export function renderPage({ catalog, title, description, root, content }: Page): string {
  const site = titleOf(catalog);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title === "" ? site : `${title} · ${site}`}</title>
        <meta name="generator" content="${generatorMark}" />
        <meta name="description" content="${description}" />
        <link rel="stylesheet" href="${root}${paths.assets}/site.css" />
        <link rel="icon" href="${root}${paths.assets}/icon.svg" type="image/svg+xml" />
        <link rel="alternate" href="${root}${paths.llms}" type="text/markdown" title="llms.txt" />
        <script src="${root}${paths.assets}/site.js"></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="bar">
          <a class="home" href="${root}${paths.index}">${catalog.name}</a>
          <nav aria-label="Documents">
            <ul>
              <li><a href="${root}${paths.openApi}">OpenAPI</a></li>
              <li><a href="${root}${paths.asyncApi}">AsyncAPI</a></li>
              <li><a href="${root}${paths.llms}">llms.txt</a></li>
            </ul>
          </nav>
        </header>
        <main id="content" tabindex="-1">${content}</main>
        <footer class="foot">
          <p>Made from the event contracts of ${catalog.name}, the same that its sender enforces.</p>
        </footer>
      </body>
    </html> `.text;
}

/** A small label; its kind chooses the colour, and never says more than its words. */
export function badge(text: string, kind: "plain" | "accent" | "alert" = "plain"): Html {
  return html`<span class="badge ${kind}">${text}</span>`;
}

export function lifecycleBadge(lifecycle: string): Html | undefined {
  if (lifecycle === "stable") return undefined;
  return badge(lifecycle, ["deprecated", "archived"].includes(lifecycle) ? "alert" : "accent");
}

/** Something to copy, with what it is. */
export function codeFigure(title: string, code: Html | string): Html {
  return html`<figure class="code">
    <figcaption><span>${title}</span></figcaption>
    <pre tabindex="0"><code>${code}</code></pre>
  </figure>`;
}

/** A dotted name that may be broken after its dots and underscores. */
export function breakable(name: string): Html {
  return html`${name.split(/(?<=[._])/).map((part, index) => html`${index > 0 && html`<wbr />`}${part}`)}`;
}
