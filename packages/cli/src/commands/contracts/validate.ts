import { createValidateData, formatProblem, type ContractIssue, type Problem } from "@hooks/codegen";
import { defineCommand, exitCode, type ExitCode, type Io } from "../../command.ts";
import { Failure } from "../../failure.ts";
import { count, printJson } from "../../output.ts";
import { readSchema } from "../../schema-file.ts";
import { examineFile, type Examined } from "../../validate/examine-file.ts";

export const command = defineCommand({
  positionals: ["FILE…"],
  options: {
    schema: {
      type: "string",
      value: "FILE",
      summary: "JSON Schema of the data, 2020-12 or draft-07",
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
    "also says its `file`. A FILE that is not JSON is a fault of its own; one that is not there ends with 2, and the\n" +
    "others are validated all the same.",
  problemsToJson: (problems) => problems.map(toFault),
  run: async ({ options, positionals: files }, io) => {
    const schema = await readSchema(options.schema, io);
    const validate = compileOrFail(schema, options.schema, options.consumer);
    const found: Examined[] = [];
    for (const file of files) found.push(await examineFile(file, { schema, validate }, io));
    const faults = found.flatMap(({ file, issues }) => issues.map((issue) => ({ file, ...issue })));
    if (options.json) printJson(files.length === 1 ? found[0]?.issues : faults, io);
    else for (const { file, issues } of found) io.print(describe(file, issues));
    if (!options.json) explain(found, faults.length, io);
    return found.map(({ exit }) => exit).reduce(worse, exitCode.fine);
  },
});

function worse(left: ExitCode, right: ExitCode): ExitCode {
  return left < right ? right : left;
}

function explain(found: readonly Examined[], faults: number, io: Io): void {
  for (const { file, hint } of found) if (hint !== undefined) io.explain(`${file}: ${hint}\n`);
  if (faults > 0) io.explain(`${count(faults, "fault")}.\n`);
}

/** A schema that cannot be used, in the form of a fault. */
function toFault({ code, file, pointer, message }: Problem) {
  const [expected, received] = ["a schema that can be used", "one that cannot"];
  return { file, code, pointer, keyword: "", expected, received, message };
}

function compileOrFail(schema: Parameters<typeof createValidateData>[0], file: string, isConsumer: boolean) {
  try {
    return createValidateData(schema, isConsumer ? "open" : "closed");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`${file} is no schema that can be used: ${reason}.`, { code: "invalid_schema", cause });
  }
}

function describe(file: string, issues: readonly ContractIssue[]): string {
  if (issues.length === 0) return `${file}: valid\n`;
  return issues
    .map(
      ({ code, pointer, message }) =>
        `${formatProblem({ code, file, pointer, message: sentence(message, pointer) })}\n`,
    )
    .join("");
}

/** The line begins with the pointer already. */
function sentence(message: string, pointer: string): string {
  const place = pointer === "" ? "The event: " : `${pointer}: `;
  if (!message.startsWith(place)) return message;
  const rest = message.slice(place.length);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
