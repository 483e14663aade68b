import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { startChromium, type Chromium } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import axe from "axe-core";
import { chromium as playwright, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostileCatalog, ownCatalog } from "../../test-support/catalogs.ts";
import { readSiteAssets } from "../assets.ts";
import { renderDocuments } from "../pages.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

const assets = await readSiteAssets();
const own = renderDocuments({ catalog: await ownCatalog(), assets });
const files = new Map<string, string>([
  ...[...own].map(([path, text]) => [`own/${path}`, text] as const),
  ...[...renderDocuments({ catalog: hostileCatalog(), assets })].map(
    ([path, text]) => [`hostile/${path}`, text] as const,
  ),
]);
const looked = [
  "own/index.html",
  "own/events/invoice.paid.html",
  "own/events/invoice.paid@1.0.0.html",
  "own/events/payment_method.attached.html",
  "hostile/index.html",
  "hostile/events/door.opened.html",
];

/** A static host that allows nothing but what is its own. */
function startHost(): Server {
  return createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname.slice(1));
    const text = files.get(path);
    response.writeHead(text === undefined ? 404 : 200, {
      "content-type": types[extname(path)] ?? "text/plain",
      "content-security-policy": "default-src 'self'",
    });
    response.end(text);
  }).listen(0, "127.0.0.1");
}

interface Look {
  readonly page: Page;
  /** What the browser complained about. */
  readonly complaints: readonly string[];
}

describeWithServer("chromium", "the catalogue site in a browser", () => {
  let chromium: Chromium;
  let browser: Browser;
  let host: Server;
  let root: string;

  beforeAll(async () => {
    chromium = await startChromium();
    browser = await playwright.connectOverCDP(chromium.url);
    host = startHost();
    await once(host, "listening");
    root = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser.close();
    host.closeAllConnections();
    host.close();
    await chromium.stop();
  });

  async function open(path: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Look> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${root}/${path}`);
    return { page, complaints };
  }

  it.each(looked)("shows %s without a complaint, within 360 and 1440 pixels", async (path) => {
    for (const width of [360, 1_440]) {
      const { page, complaints } = await open(path, { viewport: { width, height: 800 } });
      const surplus = await page.evaluate<number>(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      expect(surplus, `${path} at ${width}`).toBe(0);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });

  it.each(looked)("has no accessibility fault in %s, light or dark, wide or narrow", async (path) => {
    for (const [width, colorScheme] of [
      [360, "light"],
      [1_440, "dark"],
    ] as const) {
      const { page } = await open(path, { viewport: { width, height: 800 }, colorScheme });
      await page.evaluate(axe.source);
      const violations = await page.evaluate<readonly { id: string; nodes: readonly { html: string }[] }[]>(
        "axe.run().then((result) => result.violations)",
      );
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      await page.context().close();
    }
  });

  it("copies an example", async () => {
    const { page } = await open("own/events/invoice.paid.html", {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const figure = page.locator("figure.code").first();
    await figure.getByRole("button", { name: "Copy" }).click();
    await figure.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toBe(await figure.locator("code").textContent());
    expect(JSON.parse(copied)).toHaveProperty("type", "invoice.paid");
  });

  it("finds events by their name, group and summary, from the keyboard", async () => {
    const { page } = await open("own/index.html");
    const rows = page.locator(".events > li:visible");
    const all = await rows.count();
    await page.getByRole("searchbox", { name: "Find an event" }).fill("Invoice failed");
    expect(await rows.allTextContents()).toHaveLength(1);
    expect(await page.getByRole("status").textContent()).toBe(`1 of ${all}`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "invoice.payment_failed" }).waitFor();
  });

  it("keeps the chosen theme from page to page", async () => {
    const { page } = await open("own/index.html", { colorScheme: "light" });
    const ground = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const light = await ground();
    await page.getByRole("button", { name: "Theme: system" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    expect(await ground()).not.toBe(light);
    await page.getByRole("link", { name: "invoice.paid" }).click();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    expect(await ground()).not.toBe(light);
  });

  it("is all there without a script", async () => {
    const { page } = await open("own/index.html", { javaScriptEnabled: false });
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    await page.getByRole("link", { name: "order.created" }).click();
    expect(await page.locator("figure.code").count()).toBeGreaterThan(2);
    expect(await page.getByRole("button").count()).toBe(0);
  });
});
