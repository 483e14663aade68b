import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { selfCheck } from "./self-check.ts";

/** What is warned of beside the inbox. */
async function warnings(yaml: string): Promise<readonly string[]> {
  const loaded = loadConfig({ env: { HOOKS_CONFIG: "gateway.yaml" }, readFile: () => yaml });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const inbox = { selfCheck: async () => [] };
  const { findings } = await selfCheck({ config: loaded.config, inbox, nodeVersion: "v24.21.0" });
  return findings.flatMap(({ level, message }) => (level === "warning" ? [message] : []));
}

describe("selfCheck", () => {
  it("warns of a source that goes nowhere, and of a destination that nothing goes to", async () => {
    const a = "a: { provider: github, secrets: [s], destinations: [d, d] }";
    const b = "b: { provider: github, secrets: [s] }";
    const [d, e] = ["d", "e"].map((name) => `${name}: { type: http, url: "https://${name}.example.com" }`);
    expect(await warnings(`sources: { ${a} }\ndestinations: { ${d} }`)).toEqual([]);
    expect(await warnings(`sources: { ${a}, ${b} }\ndestinations: { ${d}, ${e} }`)).toEqual([
      "The source b has no destinations: its events wait in the inbox",
      "The destination e is of no source: nothing goes there",
    ]);
  });
});
