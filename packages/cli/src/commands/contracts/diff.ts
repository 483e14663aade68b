import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { bumps, compareContracts, ContractsError, readProject, shownPayload } from "@hooks/codegen";
import type { Bump, Change, Comparison, Contract } from "@hooks/codegen";
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
    const isFolder = await areFolders(older, newer, io);
    const comparison = isFolder
      ? compareFolders(await readContracts(older, io), await readContracts(newer, io))
      : compareContracts(await readSchema(older, io), await readSchema(newer, io));
    if (options.json) printJson(toJson(comparison, options.explain), io);
    else io.print(toText(comparison, options.explain));
    const isSafe = comparison.subscriber === "ok" && comparison.replay === "ok";
    return isSafe ? exitCode.fine : exitCode.found;
  },
});

/** A change, and of which event where several are compared. */
interface FoundChange extends Change {
  readonly type?: string;
}

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

async function readContracts(folder: string, io: Io): Promise<readonly Contract[]> {
  const read = readProject(await readSchemas(folder, io), { breaks: true });
  if (!read.ok)
    throw new ContractsError(read.problems.map((one) => ({ ...one, file: `${folder}/${one.file}` })));
  return read.project.contracts;
}

function compareFolders(older: readonly Contract[], newer: readonly Contract[]): FoundComparison {
  const types = [...new Set([...older, ...newer].map(({ type }) => type))].toSorted();
  const changes = types.flatMap((type): readonly FoundChange[] => {
    const [before, after] = [older, newer].map((all) => all.find((one) => one.type === type)?.majors[0]);
    if (before === undefined) return [added(type)];
    if (after === undefined) return [removed(type)];
    return compareContracts(before.schema, after.schema).changes.map((change) => ({ type, ...change }));
  });
  return {
    changes,
    subscriber: changes.some(({ subscriber }) => subscriber === "breaking") ? "breaking" : "ok",
    replay: changes.some(({ replay }) => replay === "breaking") ? "breaking" : "ok",
    bump: changes.map(({ bump }) => bump).reduce(largerBump, "none"),
  };
}

function largerBump(left: Bump, right: Bump): Bump {
  return bumps.indexOf(left) < bumps.indexOf(right) ? right : left;
}

function added(type: string): FoundChange {
  return {
    type,
    rule: "EVENT_ADDED",
    pointer: "",
    subscriber: "ok",
    replay: "ok",
    bump: "minor",
    message: "A new event type, which nobody subscribes to yet.",
    action: "Subscribe to it to receive it.",
    proof: "none",
  };
}

function removed(type: string): FoundChange {
  return {
    type,
    rule: "EVENT_REMOVED",
    pointer: "",
    subscriber: "breaking",
    replay: "breaking",
    bump: "major",
    message: "The event type is gone: its subscribers wait in vain, and what was sent cannot be read.",
    action: "Stop expecting it, and keep the version before to read what was sent.",
    proof: "unproven",
  };
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
