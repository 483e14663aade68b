import { createHash } from "node:crypto";
import { bumps, type Bump } from "../diff/comparison.ts";
import type { Problem } from "../problem.ts";
import type { Files } from "../render/files.ts";
import type { Assessment } from "./assess.ts";
import { affectedBy } from "./changelog.ts";
import { changesetFolder, changesetsOf, lintChangesets } from "./changesets.ts";
import type { CheckReport } from "./check.ts";

/** What becomes of the changesets; paths begin with `.changeset/`. */
export interface ChangesetPlan {
  readonly write: Files;
  /** Earlier ones of ours that are no longer so. */
  readonly remove: readonly string[];
  /** Changesets that promised less than the contracts take; what is written makes up for them. */
  readonly problems: readonly Problem[];
}

/** What a changeset says of one event type. */
interface Row {
  readonly type: string;
  readonly bump: Bump;
  readonly text: string;
}

/**
 * Plans one changeset for each event type that changed: the computed bump, and what a subscriber can do about it.
 * Names and texts follow from the contracts alone. One that somebody has edited since is theirs, and
 * stays, unless its bump is too low. Pure.
 */
export function planChangesets(report: CheckReport, existing: Files): ChangesetPlan {
  const rows = [
    ...report.contracts.filter(({ bump }) => bump !== "none").map(toRow),
    ...report.removed.map(toRemoval),
  ];
  const edited = [...existing].filter(([file, text]) => isOurs(file) && !isUntouched(file, text));
  const isTold = ({ type, bump }: Row) =>
    changesetsOf(report.package.name, new Map(edited)).some(
      (one) => typeOf(one.file) === slug(type) && bumps.indexOf(one.bump) >= bumps.indexOf(bump),
    );
  const wanted = new Map(
    rows
      .filter((row) => !isTold(row))
      .map((row) => toFile(changesetText(report.package.name, row), row.type)),
  );
  return {
    write: new Map([...wanted].filter(([file, text]) => existing.get(file) !== text)),
    remove: [...existing]
      .filter(([file, text]) => isOurs(file) && isUntouched(file, text) && !wanted.has(file))
      .map(([file]) => file),
    problems: lintChangesets(report.package, existing).filter(({ code }) => code === "changeset_too_low"),
  };
}

const ours = new RegExp(`^\\${changesetFolder}/contract-(.+)-([0-9a-f]{8})\\.md$`);

function isOurs(file: string): boolean {
  return ours.test(file);
}

function typeOf(file: string): string | undefined {
  return ours.exec(file)?.[1];
}

function isUntouched(file: string, text: string): boolean {
  return ours.exec(file)?.[2] === shortHash(text);
}

function toFile(text: string, type: string): readonly [string, string] {
  return [`${changesetFolder}/contract-${slug(type)}-${shortHash(text)}.md`, text];
}

function shortHash(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex").slice(0, 8);
}

function slug(type: string): string {
  return type.replaceAll(/[^a-z0-9._-]/gi, "-");
}

function changesetText(name: string, { bump, text }: Row): string {
  return `---\n${JSON.stringify(name)}: ${bump}\n---\n\n${text}\n`;
}

function toRow({ type, summary, released, required, bump, changes }: Assessment): Row {
  if (bump === "first" || released === null) {
    const text = `New event type \`${type}\` ${required}: ${sentence(summary)} Subscribe to it to receive it; nobody else notices.`;
    return { type, bump: "minor", text };
  }
  const lines = changes.map((change) => {
    const place = change.pointer === "" ? "" : ` at \`${change.pointer}\``;
    return `- ${sentence(change.message)} ${change.action} ${affectedBy(change)} (${change.rule}${place})`;
  });
  return { type, bump, text: [`\`${type}\` ${required}, after ${released}:`, "", ...lines].join("\n") };
}

function toRemoval(type: string): Row {
  const text = `The event type \`${type}\` is gone: nothing more is sent to whoever subscribed to it. Stop expecting it.`;
  return { type, bump: "major", text };
}

function sentence(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
