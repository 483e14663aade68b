import { fileURLToPath } from "node:url";
import { contracts } from "@hooks/contracts/producer";
import { describe, expect, it } from "vitest";
import { importContracts } from "./contracts.ts";

const workingFolder = fileURLToPath(new URL("..", import.meta.url));
const schemas = fileURLToPath(new URL("../../../schemas", import.meta.url));

describe("importContracts", () => {
  it("takes a contracts package", async () => {
    const imported = await importContracts({ name: "@hooks/contracts", workingFolder });
    expect(imported.eventTypes).toEqual(contracts.eventTypes);
  });

  it("takes a folder of schemas, with the same types", async () => {
    const imported = await importContracts({ name: schemas, workingFolder });
    expect(Object.keys(imported.eventTypes)).toEqual(Object.keys(contracts.eventTypes));
    const event = { type: "user.created", data: { object: 1 } };
    expect(imported.validateEvent(event)).toMatchObject({ ok: false, code: "schema_violation" });
  });

  it.each([
    ["no-such-package", `there is no contracts package of this name in ${workingFolder}`],
    ["yaml", '"./producer"'],
    ["./nowhere", "The folder of schemas cannot be read"],
  ])("says what is wrong with %s", async (name, reason) => {
    const failure = importContracts({ name, workingFolder });
    await expect(failure).rejects.toThrow(`HOOKS_CONTRACTS: ${name}: `);
    await expect(failure).rejects.toThrow(reason);
  });
});
