import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createConfigSource } from "./config-source.ts";
import { createReloading } from "./reloading.ts";
import { silentLog } from "./test-support/silent-log.ts";

const folder = createTemporaryFolder("hooks-gateway-reloading");
afterAll(() => folder.remove());
const file = join(folder.path, "gateway.yaml");
const billing = "sources: { billing: { provider: github, secrets: [s] } }\n";

let applied: (readonly string[])[];
let logged: { readonly fields: object; readonly message: string }[];
let reload: () => Promise<void>;
beforeEach(() => {
  [applied, logged] = [[], []];
  const record = (fields: object, message: string) => void logged.push({ fields, message });
  reload = createReloading({
    source: createConfigSource({ HOOKS_CONFIG: file }),
    log: { debug: record, info: record, warn: record, error: record },
    apply: async ({ sources }) => void applied.push(Object.keys(sources)),
  });
});

describe("createReloading", () => {
  it.each([
    ["empty", ""],
    ["of comments only", "# sources:\n"],
    ["without sources", "keptEvents: 10\n"],
    ["of no sources", "sources: {}\n"],
  ])("keeps what runs while the file is %s, and follows it when it is written", async (_, text) => {
    writeFileSync(file, text);
    await reload();
    expect(applied).toEqual([]);
    expect(logged).toEqual([
      {
        fields: {
          problems: [{ path: "sources", message: expect.stringMatching(/^config_without_sources: /) }],
        },
        message: "the new configuration is not right, the old one stays",
      },
    ]);
    writeFileSync(file, billing);
    await reload();
    expect(applied).toEqual([["billing"]]);
    expect(logged.at(-1)?.message).toBe("configuration reloaded");
  });

  it("keeps what runs while there is no file", async () => {
    rmSync(file, { force: true });
    await reload();
    expect(applied).toEqual([]);
    expect(JSON.stringify(logged)).toContain("config_not_found");
  });

  it("says that a configuration holds since before it was read", async () => {
    writeFileSync(file, billing);
    const source = createConfigSource({ HOOKS_CONFIG: file });
    const readMs: number[] = [];
    const sinceMs: number[] = [];
    await createReloading({
      source: {
        ...source,
        load: () => {
          const startedMs = Date.now();
          readMs.push(startedMs);
          const loaded = source.load();
          while (Date.now() === startedMs);
          return loaded;
        },
      },
      log: silentLog,
      apply: async (_, ms) => void sinceMs.push(ms),
    })();
    expect(sinceMs).toHaveLength(1);
    expect(sinceMs[0]).toBeLessThanOrEqual(readMs[0] ?? 0);
  });
});
