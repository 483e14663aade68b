import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSchemaFile } from "./read-schema-file.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "schema-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(file: string, content: unknown): Promise<string> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  const isRaw = typeof content === "string" || content instanceof Uint8Array;
  await writeFile(path, isRaw ? content : JSON.stringify(content));
  return path;
}

const text = { type: "string" };

describe("readSchemaFile", () => {
  it("bundles a file with those it refers to, in its folder and beside it", async () => {
    const path = await write("in/a/schema.json", {
      properties: { x: { $ref: "x.json#/$defs/y" }, z: { $ref: "../common/z.schema.json" } },
    });
    await write("in/a/x.json", { $defs: { y: { $ref: "more%20/w.json" } } });
    await write("in/a/more /w.json", text);
    await write("in/common/z.schema.json", text);
    expect(await readSchemaFile(path)).toEqual({
      properties: { x: { $ref: "#/$defs/y" }, z: { $ref: "#/$defs/z" } },
      $defs: { w: text, y: { $ref: "#/$defs/w" }, z: text },
    });
  });

  it("reads one of our contracts", async () => {
    const path = new URL("../../../schemas/invoice.paid/schema.json", import.meta.url).pathname;
    expect(await readSchemaFile(path)).toMatchObject({ type: "object", properties: { object: {} } });
  });

  it("takes limits of 64 bits as near as they can be had", async () => {
    const path = await write("a/schema.json", '{"maximum": 9223372036854775807}');
    expect(await readSchemaFile(path)).toEqual({ maximum: 2 ** 63 });
  });

  it.each([
    ["above", { $ref: "../../out.json" }, "unresolved_reference"],
    ["behind a link", { $ref: "link.json" }, "unresolved_reference"],
    ["on another machine", { $ref: "https://example.com/x.json" }, "remote_reference"],
    ["by absolute path", { $ref: "/etc/hosts.json" }, "unresolved_reference"],
    ["that is no .json", { $ref: "notes.txt" }, "unresolved_reference"],
  ])("reads nothing %s", async (_where, schema, code) => {
    const path = await write("in/a/schema.json", schema);
    await write("out.json", text);
    await write("in/a/notes.txt", text);
    await symlink(join(folder, "out.json"), join(folder, "in/a/link.json"));
    await expect(readSchemaFile(path)).rejects.toThrow(`a/schema.json#/$ref`);
    await expect(readSchemaFile(path)).rejects.toThrow(code);
  });

  it.each([
    ["is not there", undefined, "unreadable_file"],
    ["is not JSON", '{\n "a": }', "(line 2, column 7). [invalid_json]"],
    ["names a member twice", '{"a": 1, "a": 2}', "a/schema.json#/a"],
    [
      "is not UTF-8",
      new Uint8Array([123, 10, 34, 0xc3, 0xa4, 0xff]),
      "(line 2, column 3). [invalid_encoding]",
    ],
    ["has a number nothing can hold", '{"maximum": 1e400}', "a/schema.json#/maximum"],
    ["has a number that would become another", '{"const": 9007199254740993}', "[number_not_exact]"],
    ["is written in a dialect nobody knows", { $schema: "http://evil/schema" }, "[unknown_dialect]"],
    ["is too large", `"${"x".repeat(5_000_000)}"`, "file_too_large"],
    ["is no schema", "[]", "invalid_schema"],
  ])("names a file that %s", async (_fault, content, message) => {
    const path =
      content === undefined ? join(folder, "a/schema.json") : await write("a/schema.json", content);
    await expect(readSchemaFile(path)).rejects.toThrow(message);
  });
});
