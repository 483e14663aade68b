import { formatProblem, readProject, tryMigrations } from "@hooks/codegen";
import { defineCommand, exitCode } from "../../command.ts";
import { count, printJson } from "../../output.ts";
import { readSchemas, schemasOption } from "../../schemas-folder.ts";

export const command = defineCommand({
  positionals: [],
  options: {
    schemas: schemasOption,
    json: { type: "boolean", summary: "Print an array of { code, file, pointer, message }" },
  },
  problemsToJson: (problems) => problems,
  run: async ({ options }, io) => {
    const sources = await readSchemas(options.schemas, io);
    const read = readProject(sources);
    const problems = read.ok ? await tryMigrations(read.project) : read.problems;
    const isFine = read.ok && problems.length === 0;
    if (options.json) printJson(problems, io);
    else if (isFine) io.print(`${count(read.project.contracts.length, "contract")}, nothing wrong.\n`);
    else io.print(problems.map((problem) => `${formatProblem(problem)}\n`).join(""));
    if (!isFine && !options.json) io.explain(`${count(problems.length, "problem")}.\n`);
    return isFine ? exitCode.fine : exitCode.found;
  },
});
