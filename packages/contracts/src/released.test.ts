import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { checkContracts, readSources } from "@hooks/codegen";
import { describe, expect, it } from "vitest";

const folder = new URL("../../../schemas/", import.meta.url);
const readJson = async (file: URL) => JSON.parse(await readFile(file, "utf8")) as unknown;

describe("schemas/", () => {
  it("passes the gate: released versions are what they were, and nothing breaks them", async () => {
    const sources = await readSources(fileURLToPath(folder));
    expect(checkContracts({ sources, now: new Date() }).problems).toEqual([]);
  });

  it("gives every released version to the package as it was released, but for its examples", async () => {
    const { digests } = (await readJson(new URL("catalog.lock.json", folder))) as { digests: object };
    for (const key of Object.keys(digests)) {
      const [type = "", version = ""] = key.split("/");
      const released = (await readJson(new URL(`${type}/versions/${version}.json`, folder))) as object;
      const given = (await readJson(new URL(`generated/schemas/${key}.json`, import.meta.url))) as object;
      expect({ ...given, $schema: "", examples: [] }, key).toEqual({
        ...released,
        $schema: "",
        examples: [],
      });
    }
  });
});
