import { createValidateData, formatProblem, readJson, type ContractIssue } from "@hooks/codegen";
import { defineCommand, exitCode, type Io } from "../../command.ts";
import { Failure } from "../../failure.ts";
import { nameOf, readText } from "../../files.ts";
import { count, printJson } from "../../output.ts";
import { readSchema } from "../../schema-file.ts";

export const command = defineCommand({
  positionals: ["FILE…"],
  options: {
    schema: {
      type: "string",
      value: "FILE",
      summary: "JSON Schema of the data, any draft from 6 on",
      required: true,
    },
    consumer: {
      type: "boolean",
      summary: "As a receiver does: unknown members are fine, the first fault is told",
    },
    json: {
      type: "boolean",
      summary: "Print an array of { code, pointer, keyword, expected, received, message }",
    },
  },
  details:
    "Each FILE holds the data of one event; - is standard input. With --json and more than one FILE, every fault\n" +
    "also says its `file`.",
  run: async ({ options, positionals: files }, io) => {
    const validate = compileOrFail(await readSchema(options.schema, io), options.schema, options.consumer);
    const found: { readonly file: string; readonly issues: readonly ContractIssue[] }[] = [];
    for (const file of files) found.push({ file: nameOf(file), issues: validate(await readData(file, io)) });
    const faults = found.flatMap(({ file, issues }) => issues.map((issue) => ({ file, ...issue })));
    if (options.json) printJson(files.length === 1 ? found[0]?.issues : faults, io);
    else for (const { file, issues } of found) io.print(describe(file, issues));
    if (faults.length === 0) return exitCode.fine;
    if (!options.json) io.explain(`${count(faults.length, "fault")}.\n`);
    return exitCode.found;
  },
});

function compileOrFail(schema: Parameters<typeof createValidateData>[0], file: string, isConsumer: boolean) {
  try {
    return createValidateData(schema, isConsumer ? "open" : "closed");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`${file} is no schema that can be used: ${reason}.`, { code: "invalid_schema", cause });
  }
}

async function readData(file: string, io: Io): Promise<unknown> {
  const read = readJson(nameOf(file), await readText(file, io));
  if (read.ok) return read.value;
  const { code, message } = read.problem;
  throw new Failure(`${nameOf(file)}: ${message}`, { code });
}

function describe(file: string, issues: readonly ContractIssue[]): string {
  if (issues.length === 0) return `${file}: valid\n`;
  return issues
    .map(({ code, pointer, expected, received }) => {
      const message = `Expected ${expected}, received ${received}.`;
      return `${formatProblem({ code, file, pointer, message })}\n`;
    })
    .join("");
}
