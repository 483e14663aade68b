import { resolve } from "node:path";
import { generate } from "@hooks/codegen";
import { defineCommand, exitCode } from "../../command.ts";
import { count } from "../../output.ts";
import { readSchemas, schemasOption } from "../../schemas-folder.ts";
import { writeTo } from "../../write-to.ts";

export const command = defineCommand({
  positionals: [],
  options: {
    schemas: schemasOption,
    out: {
      type: "string",
      value: "DIR",
      summary: "Where to write; it is replaced as a whole",
      required: true,
    },
    name: {
      type: "string",
      value: "PACKAGE",
      summary: "Write a package of this name, compiled and ready to install, instead of sources only",
    },
  },
  details:
    "Writes types, validators, builders, fixtures and a catalogue. The same schemas give the same files. Without --name\n" +
    "they are sources for your own build, whose tsconfig.json needs rewriteRelativeImportExtensions.",
  run: async ({ options: { schemas, out, name } }, io) => {
    // Read first for the message; what is read below is checked again.
    await readSchemas(schemas, io);
    const files = await writeTo(out, io, (folder) =>
      generate({ schemas: resolve(io.folder, schemas), out: folder, name, package: name !== undefined }),
    );
    const types = JSON.parse(files.get("catalog.json") ?? "{}") as object;
    io.print(`${count(Object.keys(types).length, "contract")} in ${out}\n`);
    return exitCode.fine;
  },
});
