import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { compareContracts, compareProjects, ContractsError, readProject, shownPayload } from "@hooks/codegen";
import type { Comparison, Project, ProjectChange } from "@hooks/codegen";
import { defineCommand, exitCode, type Io } from "../../command.ts";
import { misuse, unusable } from "../../failure.ts";
import { printJson } from "../../output.ts";
import { readSchema } from "../../schema-file.ts";
import { readSchemas } from "../../schemas-folder.ts";

export const command = defineCommand({
  positionals: ["OLD", "NEW"],
  options: {
    json: {
      type: "boolean",
      summary:
        "Print { changes: [{ rule, pointer, subscriber, replay, counterexample? }], subscriber, replay, bump }",
    },
    explain: {
      type: "boolean",
      summary: "Say of each change what it means and what to do, and show an event that proves the break",
    },
  },
  details:
    "OLD and NEW are two JSON Schema files, or two folders of schemas. Can a subscriber of OLD read what NEW sends\n" +
    "(subscriber)? Can a reader of NEW read what was sent under OLD (replay)? Ends with 1 when one of them cannot.\n" +
    "Of folders each change also has the `type` of its event; with --json --explain each change also has\n" +
    "direction (of its counterexample), bump, proof, message and action (what to do about it).",
  run: async ({ options, positionals: [older = "", newer = ""] }, io) => {
    const comparison: FoundComparison = (await areFolders(older, newer, io))
      ? compareProjects(await readFolder(older, io), await readFolder(newer, io))
      : compareContracts(await readSchema(older, io), await readSchema(newer, io));
    if (options.json) printJson(toJson(comparison, options.explain), io);
    else io.print(toText(comparison, options.explain));
    const isSafe = comparison.subscriber === "ok" && comparison.replay === "ok";
    return isSafe ? exitCode.fine : exitCode.found;
  },
});

/** A change, and of which event type where several are compared. */
type FoundChange = Omit<ProjectChange, "type"> & Partial<Pick<ProjectChange, "type">>;

interface FoundComparison extends Comparison {
  readonly changes: readonly FoundChange[];
}

async function areFolders(older: string, newer: string, io: Io): Promise<boolean> {
  const [first, second] = await Promise.all(
    [older, newer].map(async (path) => {
      const status = await stat(resolve(io.folder, path)).catch(() => undefined);
      if (status === undefined && path !== "-")
        throw unusable(`There is no file or folder ${path}.`, { code: "unreadable_file", file: path });
      return status?.isDirectory() === true;
    }),
  );
  if (first !== second) throw misuse("OLD and NEW are both files or both folders.");
  return first === true;
}

async function readFolder(folder: string, io: Io): Promise<Project> {
  const read = readProject(await readSchemas(folder, io), { breaks: true });
  if (!read.ok)
    throw new ContractsError(read.problems.map((one) => ({ ...one, file: `${folder}/${one.file}` })));
  return read.project;
}

function toJson({ changes, subscriber, replay, bump }: FoundComparison, isExplained: boolean): unknown {
  return {
    changes: changes.map((change) => ({
      ...(change.type === undefined ? {} : { type: change.type }),
      rule: change.rule,
      pointer: change.pointer,
      subscriber: change.subscriber,
      replay: change.replay,
      ...(change.counterexample === undefined ? {} : { counterexample: change.counterexample.data }),
      ...(isExplained ? explanation(change) : {}),
    })),
    subscriber,
    replay,
    bump,
  };
}

function explanation({ counterexample, bump, proof, message, action }: FoundChange): object {
  const direction = counterexample === undefined ? {} : { direction: counterexample.direction };
  return { ...direction, bump, proof, message, action };
}

function toText({ changes, subscriber, replay, bump }: FoundComparison, isExplained: boolean): string {
  const lines = changes.flatMap((change) => [
    headline(change),
    ...(isExplained
      ? [`  ${change.message} ${change.action}`, ...evidence(change).map((line) => `  ${line}`), ""]
      : []),
  ]);
  const verdict = `subscriber: ${subscriber}, replay: ${replay}, bump: ${bump}`;
  return [...lines, changes.length === 0 ? `No difference. ${verdict}` : verdict, ""].join("\n");
}

function headline({ type, rule, pointer, subscriber, replay, bump }: FoundChange): string {
  const place = `${type ?? ""}${type !== undefined && pointer === "" ? "" : `#${pointer}`}`;
  const broken = [
    ...(subscriber === "breaking" ? ["subscriber"] : []),
    ...(replay === "breaking" ? ["replay"] : []),
  ];
  return `${rule} ${place} (${broken.length === 0 ? bump : `${bump}, breaks ${broken.join(" and ")}`})`;
}

const meaning = {
  subscriber: "NEW may send this, and a subscriber of OLD refuses it",
  replay: "OLD may have sent this, and a reader of NEW refuses it",
};

function evidence({ counterexample, proof }: FoundChange): readonly string[] {
  if (counterexample !== undefined)
    return [`${meaning[counterexample.direction]}: ${shownPayload(counterexample.data)}`];
  return proof === "unproven" ? ["No event was found that proves it; take it as breaking all the same."] : [];
}
