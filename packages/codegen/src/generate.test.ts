import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generate, renderFolder } from "./generate.ts";
import { createFolder, type Folder } from "./test-support/folder.ts";
import { sourcesWith } from "./test-support/sources.ts";

let folder: Folder;
const inFolder = (path: string) => join(folder.path, path);

beforeEach(async () => {
  folder = await createFolder();
  await folder.write([...sourcesWith()].map(([file, text]) => [`schemas/${file}`, text] as const));
});
afterEach(() => folder.remove());

describe("generate", () => {
  it("writes what renderFolder gives", async () => {
    const files = await generate({ schemas: inFolder("schemas"), out: inFolder("out") });
    expect([...files]).toEqual([...(await renderFolder(inFolder("schemas")))]);
    for (const [file, text] of files) expect(await readFile(inFolder(join("out", file)), "utf8")).toBe(text);
  });

  it("leaves nothing behind of an event type that is gone", async () => {
    const options = { schemas: inFolder("schemas"), out: inFolder("out") };
    await generate(options);
    await writeFile(inFolder("out/samples/door.closed.v1.ts"), "");
    await generate(options);
    expect(await readdir(inFolder("out/samples"))).toEqual(["door.opened.v1.ts"]);
  });

  it("refuses a folder with anything that was not generated, and leaves it alone", async () => {
    const options = { schemas: inFolder("schemas"), out: folder.path };
    await expect(generate(options)).rejects.toThrow("choose another folder");
    expect(await readdir(folder.path)).toEqual(["schemas"]);
  });

  it("leaves the last good package where it is when the schemas are not right", async () => {
    const options = { schemas: inFolder("schemas"), out: inFolder("out") };
    const files = await generate(options);
    await writeFile(inFolder("schemas/door.opened/schema.json"), "{");
    await expect(generate(options)).rejects.toThrow("invalid_json");
    expect(await readFile(inFolder("out/index.ts"), "utf8")).toBe(files.get("index.ts"));
  });

  it("leaves the version of a package alone, and what its owner has added", async () => {
    const options = {
      schemas: inFolder("schemas"),
      out: inFolder("out"),
      name: "@acme/events",
      package: true,
    };
    const manifest = async () => JSON.parse(await readFile(inFolder("out/package.json"), "utf8")) as object;
    await generate(options);
    const first = await manifest();
    expect(first).toMatchObject({ name: "@acme/events", version: "0.0.0" });
    const own = { version: "1.2.0", license: "MIT", publishConfig: { access: "public" } };
    await writeFile(
      inFolder("out/package.json"),
      JSON.stringify({ ...first, ...own, name: "other", type: "commonjs" }),
    );
    await writeFile(inFolder("out/CHANGELOG.md"), "# 1.2.0\n");
    await generate(options);
    expect(await manifest()).toEqual({ ...first, ...own });
    expect(await readFile(inFolder("out/CHANGELOG.md"), "utf8")).toBe("# 1.2.0\n");
    await writeFile(inFolder("out/package.json"), "{");
    await expect(generate(options)).rejects.toThrow("invalid_json");
  });
});
