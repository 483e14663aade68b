import { resolve } from "node:path";
import { ContractsError, formatProblem, readProject, type Sources } from "@hooks/codegen";
import { defineCommand, exitCode, type Io } from "../../command.ts";
import { misuse, unusable, type Failure } from "../../failure.ts";
import { importFrom, kinds, type From } from "../../init/import-from.ts";
import { starter } from "../../init/starter.ts";
import { count } from "../../output.ts";
import { readSchemas, schemasOption } from "../../schemas-folder.ts";
import { exists, requireNew, writeNew } from "../../write-new.ts";

export const command = defineCommand({
  positionals: ["[FILE…]"],
  options: {
    schemas: schemasOption,
    from: {
      type: "string",
      value: "FILE",
      summary: "What to import; without it, a small example to start from",
    },
    name: { type: "string", value: "PACKAGE", summary: "Name of the package to generate", default: "events" },
    source: { type: "string", value: "NAME", summary: "The system that sends the events", default: "app" },
    enums: { type: "boolean", summary: "Of samples: take values that keep coming back for all there are" },
  },
  details:
    "FILE is an OpenAPI document (its webhooks), a JSON Schema of events, a module that exports zod 4 schemas (it is\n" +
    "run), example payloads, a folder of them or a pattern. Which it is shows in the file; `--from openapi FILE`,\n" +
    "`--from schema FILE`, `--from zod FILE` and `--from samples FILE…` say so. Nothing is overwritten or fetched, and\n" +
    "nothing is written that `lint` would not let pass.",
  run: async ({ options, positionals }, io) => {
    const given = { package: options.name, source: options.source };
    if (options.from === undefined && positionals.length > 0) throw misuse("FILE stands after --from.");
    const { sources, warnings } =
      options.from === undefined
        ? { sources: starter(given), warnings: [] }
        : await importFrom(
            await readFrom(options.from, positionals, io),
            { ...given, enums: options.enums },
            io,
          );
    const folder = resolve(io.folder, options.schemas);
    const files = await onlyNew(sources, options.schemas, io);
    for (const warning of warnings) io.explain(`warning: ${formatProblem(warning)}\n`);
    await writeNew(folder, files);
    const contracts = [...files.keys()].filter((file) => file.endsWith("/schema.json"));
    io.print(`${count(contracts.length, "contract")} in ${options.schemas}\n`);
    const option = options.schemas === schemasOption.default ? "" : ` --schemas ${options.schemas}`;
    const isStart = options.from === undefined;
    io.explain(`${isStart ? "Next:" : `${imported(files)}then:`} hooks contracts lint${option}\n`);
    return exitCode.fine;
  },
});

/** What is left to do by hand after an import. */
function imported(files: Sources): string {
  return [
    ...(files.has("hooks.schemas.json")
      ? ['hooks.schemas.json says "relaxed"; "strict" asks for descriptions, bounds and examples too.\n']
      : []),
    "A folder is called like its event type: rename it where that should be another one.\n",
    'Search for "Describe" to fill in what only you know; ',
  ].join("");
}

/** `samples` alone may well be a folder. */
async function readFrom(from: string, rest: readonly string[], io: Io): Promise<From> {
  const kind = kinds.find((one) => one === from);
  if (kind === undefined) return { paths: [from, ...rest] };
  if (rest.length > 0) return { kind, paths: rest };
  if (await exists(resolve(io.folder, from))) return { paths: [from] };
  throw misuse(`--from ${kind} needs a FILE after it.`);
}

/** Adds to a folder that is already there, whose settings then hold; what comes of it must be right. */
async function onlyNew(sources: Sources, schemas: string, io: Io): Promise<Sources> {
  const folder = resolve(io.folder, schemas);
  const there: Sources = (await exists(folder)) ? await readSchemas(schemas, io) : new Map();
  const files = new Map([...sources].filter(([file]) => file !== "hooks.schemas.json" || !there.has(file)));
  // Before anything is judged: what is wrong with a contract in the place of another is no help.
  await requireNew(folder, files);
  const documents = [...files].filter(([file]) => !file.endsWith(".md"));
  const all = new Map([...there, ...documents]);
  const read = readProject(all);
  if (read.ok) return files;
  const wrong = read.problems.find(
    ({ code }) => code === "invalid_config" && files.has("hooks.schemas.json"),
  );
  if (wrong !== undefined)
    throw misuse(`--${wrong.pointer === "/package" ? "name" : "source"} cannot be used: ${wrong.message}`);
  const imported = sources.get("hooks.schemas.json") ?? "";
  // What another source says is rarely all that a strict folder asks for; that it asks is the one thing to know.
  if (readProject(new Map([...all, ["hooks.schemas.json", imported]])).ok)
    throw tooStrict(read.problems.length);
  throw new ContractsError(read.problems);
}

function tooStrict(problems: number): Failure {
  const message =
    `The folder is "strict", which what would be imported is not yet (${count(problems, "problem")}), and nothing was ` +
    `written: import into another folder with --schemas, or say "relaxed" in hooks.schemas.json until it is.`;
  return unusable(message, { code: "folder_is_strict", file: "hooks.schemas.json" });
}
