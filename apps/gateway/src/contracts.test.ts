import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { importContracts } from "./contracts.ts";

const folder = createTemporaryFolder("hooks-gateway-contracts");
afterAll(() => folder.remove());
const workingFolder = folder.path;

describe("importContracts", () => {
  it("takes a contracts package", async () => {
    const { parseEvent } = await importContracts({ name: "@hooks/contracts", workingFolder });
    expect(parseEvent({})).toMatchObject({ ok: false });
  });

  it("takes a file", async () => {
    writeFileSync(
      join(workingFolder, "own.mjs"),
      "export const parseEvent = (event) => ({ ok: true, event });",
    );
    for (const name of ["./own.mjs", join(workingFolder, "own.mjs")]) {
      const { parseEvent } = await importContracts({ name, workingFolder });
      expect(parseEvent(7)).toEqual({ ok: true, event: 7 });
    }
  });

  it.each([
    ["no-such-package", "cannot be imported"],
    ["./nowhere.mjs", "cannot be imported"],
    ["yaml", "exports no parseEvent"],
  ])("says what is wrong with %s", async (name, problem) => {
    await expect(importContracts({ name, workingFolder })).rejects.toThrow(`contracts: ${name} ${problem}`);
  });
});
