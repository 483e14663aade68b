import {
  checkContracts,
  ContractsError,
  failedReport,
  readCheckInput,
  reportFormats,
  type CheckReport,
  type ReadCheckInputOptions,
  type ReportFormat,
  type Sources,
  tryMigrationsOf,
} from "@hooks/codegen";
import { againstOption, checkOptions } from "../../against.ts";
import { defineCommand, exitCode, type Io } from "../../command.ts";
import { misuse } from "../../failure.ts";
import { count } from "../../output.ts";
import { exitOf } from "../../report-failure.ts";
import { schemasOption } from "../../schemas-folder.ts";

const formats = Object.keys(reportFormats);

export const command = defineCommand({
  positionals: [],
  options: {
    schemas: schemasOption,
    against: againstOption,
    format: { type: "string", value: "FORMAT", summary: formats.join(", "), default: "text" },
  },
  details:
    "Every contract is held against all releases of its major, and against the baseline. What breaks an old\n" +
    "subscriber, or a replay of old events, is shown with a payload that proves it; the version that the changes\n" +
    "take is computed. Released versions must be what they were, and migrations must work: they are run. Breaks\n" +
    "that somebody answers for stand in compat-exceptions.json: [{ type, rule, pointer, reason, owner, expires }].",
  run: async ({ options }, io) => {
    const format = formats.find((one): one is ReportFormat => one === options.format);
    if (format === undefined) throw misuse(`--format takes ${formats.join(", ")}, not ${options.format}.`);
    const { report, sources } = await check(await checkOptions(options, io));
    io.print(reportFormats[format](report, { sources, schemas: options.schemas }));
    if (format === "text") summarise(report, io);
    return report.ok ? exitCode.fine : exitOf(report.problems);
  },
});

/** What cannot be read is a finding like any other: whoever reads the report gets it in its form. */
async function check(
  options: ReadCheckInputOptions,
): Promise<{ readonly report: CheckReport; readonly sources: Sources }> {
  try {
    const input = await readCheckInput(options);
    const report = checkContracts(input);
    const broken = report.ok ? await tryMigrationsOf(input.sources) : [];
    return {
      report: broken.length === 0 ? report : { ...report, ok: false, problems: broken },
      sources: input.sources,
    };
  } catch (error) {
    if (!(error instanceof ContractsError)) throw error;
    return { report: failedReport(error.problems, options.against ?? null), sources: new Map() };
  }
}

function summarise({ contracts, problems }: CheckReport, io: Io): void {
  if (problems.length === 0) io.print(`${count(contracts.length, "contract")}, nothing wrong.\n`);
  else io.explain(`${count(problems.length, "problem")}.\n`);
}
