import {
  applyChangesets,
  checkContracts,
  findChangesetRoot,
  formatProblem,
  planChangesets,
  readChangesets,
  readCheckInput,
} from "@hooks/codegen";
import { againstOption, checkOptions } from "../../against.ts";
import { defineCommand, exitCode } from "../../command.ts";
import { unusable } from "../../failure.ts";
import { schemasOption } from "../../schemas-folder.ts";

const nothingChanged =
  "Nothing has changed since the last release. `hooks contracts changeset` comes before `hooks contracts release`,\n" +
  "after which there is nothing left to tell.\n";

export const command = defineCommand({
  positionals: [],
  options: { schemas: schemasOption, against: againstOption },
  details:
    "Writes .changeset/contract-*.md for every event type that has changed since its last release: the computed\n" +
    "bump, and what a subscriber can do about it. Ends with 1 when another changeset promised less.",
  run: async ({ options }, io) => {
    const from = await checkOptions(options, io);
    const root = await findChangesetRoot(from.schemas);
    if (root === undefined)
      throw unusable("There is no .changeset folder; `changeset init` of @changesets/cli makes one.", {
        code: "no_changesets",
      });
    // Missing or low changesets are what this command is for.
    const report = checkContracts({ ...(await readCheckInput(from)), changesets: undefined });
    if (!report.ok) {
      io.explain(report.problems.map((problem) => `${formatProblem(problem)}\n`).join(""));
      return exitCode.found;
    }
    const plan = planChangesets(report, await readChangesets(root));
    await applyChangesets(root, plan);
    for (const file of plan.write.keys()) io.print(`${file}\n`);
    if (report.package.bump === "none") io.print(nothingChanged);
    else if (plan.write.size === 0) io.print("The changesets say it all already.\n");
    io.explain(plan.problems.map((problem) => `${formatProblem(problem)}\n`).join(""));
    return plan.problems.length > 0 ? exitCode.found : exitCode.fine;
  },
});
