import { describe, expect, it } from "vitest";
import { importSamples, type Sample } from "./import-samples.ts";

const options = { package: "@acme/events", source: "acme" };
const filesOf = (...samples: readonly Sample[]) => importSamples(samples, options).sources;
const read = (files: ReadonlyMap<string, string>, file: string) => JSON.parse(files.get(file) ?? "null");

describe("importSamples", () => {
  it.each([
    ["samples/invoice.paid.json", "invoice.paid"],
    ["samples/invoice.paid-2.json", "invoice.paid"],
    ["samples/invoice.paid.payload.json", "invoice.paid"],
    ["samples/invoice.paid/2.json", "invoice.paid"],
    [String.raw`samples\invoice.paid\example-1.json`, "invoice.paid"],
    ["InvoicePaid.json", "invoice_paid"],
    ["../../escape.json", "escape"],
    ["1.json", "event"],
  ])("reads %s as %s", (file, type) => {
    expect([...filesOf({ file, value: { id: 1 } }).keys()]).toContain(`${type}/schema.json`);
  });

  it("believes the payload before the file's name, and takes data out of its envelope", () => {
    const files = filesOf(
      {
        file: "a.json",
        value: { type: "door.opened", id: "evt_1", timestamp: "2026-01-01T00:00:00Z", data: { door: 1 } },
      },
      { file: "b.json", value: { type: "door.opened", data: { door: 2, by: "key" } } },
      { file: "lamp.json", value: { event: "lamp.lit", watts: 7 } },
    );
    expect([...files.keys()]).toEqual([
      "hooks.schemas.json",
      "door.opened/schema.json",
      "door.opened/examples/a.json",
      "door.opened/examples/b.json",
      "lamp.lit/schema.json",
      "lamp.lit/examples/lamp.json",
    ]);
    expect(read(files, "door.opened/schema.json")).toMatchObject({ required: ["door"] });
    expect(read(files, "door.opened/examples/a.json")).toEqual({ door: 1 });
    expect(read(files, "lamp.lit/schema.json")).toMatchObject({ required: ["event", "watts"] });
  });

  it("takes a list for several samples, and keeps all of them apart", () => {
    const files = filesOf(
      { file: "x/door.json", value: [{ a: 1 }, { a: 2 }] },
      { file: "y/door.json", value: { a: 3 } },
    );
    expect([...files.keys()].filter((file) => file.includes("examples"))).toEqual([
      "door/examples/door-1.json",
      "door/examples/door-2.json",
      "door/examples/door.json",
    ]);
  });
});
