import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

let workplace: Workplace;
beforeEach(async () => {
  workplace = await createWorkplace();
  await workplace.write(doorFiles);
});
afterEach(() => workplace.remove());

const docs = (...args: readonly string[]) => workplace.hooks("contracts", "docs", ...args);
const read = (path: string) => readFile(workplace.path(path), "utf8");

describe("hooks contracts docs", () => {
  it("writes a site and the documents beside it", async () => {
    const { exit, stdout, stderr } = await docs("--out", "public/events");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toBe("1 event type in public/events\n");
    expect(await read("public/events/events/door.opened.html")).toContain("<h1>");
    expect(JSON.parse(await read("public/events/openapi.json"))).toHaveProperty("openapi", "3.1.0");
    expect(JSON.parse(await read("public/events/asyncapi.json"))).toHaveProperty("asyncapi", "3.0.0");
    expect(await read("public/events/llms.txt")).toContain("(events/door.opened.html.md)");
    expect(await readdir(workplace.path("public"))).toEqual(["events"]);
  });

  it("replaces what it wrote before, and nothing else", async () => {
    await docs("--out", "site");
    await workplace.write({ "site/stale.txt": "old" });
    expect((await docs("--out", "site")).exit).toBe(0);
    expect(await readdir(workplace.path("site"))).not.toContain("stale.txt");
    const { exit, stderr } = await docs("--out", "schemas");
    expect(exit).toBe(2);
    expect(stderr).toContain("choose another folder. [folder_in_use]");
    expect(await readdir(workplace.path("schemas"))).toContain("hooks.schemas.json");
  });

  it("leaves what was there when the schemas are not right", async () => {
    await docs("--out", "site");
    const before = await read("site/index.html");
    await workplace.write({ "schemas/door.opened/schema.json": { type: "object" } });
    expect(await docs("--out", "site")).toMatchObject({ exit: 1, stdout: "" });
    expect(await read("site/index.html")).toBe(before);
  });

  it("links from llms.txt to where the site will stand", async () => {
    await docs("--out", "site", "--base-url", "https://docs.example.com/events?x#y");
    expect(await read("site/llms.txt")).toContain(
      "(https://docs.example.com/events/events/door.opened.html.md)",
    );
    expect(await docs("--out", "site", "--base-url", "docs.example.com")).toMatchObject({ exit: 2 });
    expect(await docs("--out", "site", "--base-url", "javascript:alert(1)")).toMatchObject({ exit: 2 });
  });
});
