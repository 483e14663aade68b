import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { adapterVectors } from "./adapter-vectors.ts";
import { adapterOracles } from "./adapter-oracles.ts";
import { oracles } from "./oracles.ts";
import { providerEntries } from "./provider-entries.ts";
import { classOf, renderProviderPage } from "./provider-page.ts";
import { publishedVectors } from "./published-vectors.ts";

const entries = providerEntries();
const vectors = [...publishedVectors, ...adapterVectors];
const libraries = [...oracles, ...adapterOracles];

describe("docs/providers.md", () => {
  it("is what the rows and their proofs say", async () => {
    const page = await readFile(new URL("../../../../docs/providers.md", import.meta.url), "utf8");
    expect(page).toBe(renderProviderPage(entries));
  });

  it("counts as many as READMEs tell", async () => {
    for (const file of ["README.md", "packages/signing/README.md", "apps/gateway/README.md"]) {
      const text = await readFile(new URL(`../../../../${file}`, import.meta.url), "utf8");
      const counts = Array.from(text.matchAll(/(\d+) (?:known ones|providers)\b/g), ([, count]) =>
        Number(count),
      );
      expect({ file, counts: [...new Set(counts)] }).toEqual({ file, counts: [entries.length] });
    }
  });

  it("claims for no row more than its vectors and libraries", () => {
    for (const { row, proof } of entries) {
      const isVector = vectors.some(({ provider }) => provider === row.id);
      const isLibrary = libraries.some(({ providers }) => providers.includes(row.id));
      const expected = isVector ? "vector" : isLibrary ? "library" : "documentation";
      expect({ id: row.id, proof: classOf(proof) }).toEqual({ id: row.id, proof: expected });
    }
  });

  it("proves only rows that there are", () => {
    const ids = new Set(entries.map(({ row }) => row.id));
    const proven = [
      ...vectors.map(({ provider }) => provider),
      ...libraries.flatMap(({ providers }) => providers),
    ];
    expect(proven.filter((id) => !ids.has(id))).toEqual([]);
  });
});
