import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Packages whose README is run: each `ts` block must work as it stands and end by itself. */
const packages = ["signing", "retry"] as const;

describe.each(packages)("README of @hooks/%s", (name) => {
  const folder = new URL(`../../packages/${name}/`, import.meta.url);
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  const snippets = Array.from(readme.matchAll(/```ts\n([^]*?)```/g), ([, code = ""], index) => ({
    index,
    code,
  }));

  it("has snippets to copy", () => {
    expect(snippets).not.toEqual([]);
  });

  it.each(snippets)("has a snippet $index that runs", ({ index, code }) => {
    // Inside the package a file can import it by its name, as its users do.
    const file = fileURLToPath(new URL(`dist/readme-${index}.test.mts`, folder));
    writeFileSync(file, code);
    try {
      execFileSync(process.execPath, [file], { stdio: "pipe" });
    } finally {
      rmSync(file);
    }
  });
});
