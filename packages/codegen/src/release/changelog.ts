import { bumps, type Bump, type Change } from "../diff/comparison.ts";
import { isObject, type Json } from "../json.ts";
import type { Problem } from "../problem.ts";

/** What one release changed in one event type. */
export interface ChangelogEntry {
  readonly version: string;
  /** The day of the release, such as `2026-11-20`. */
  readonly released: string;
  /** `first` where there was nothing before. */
  readonly bump: Bump | "first";
  /** Against the version before, in the order of the comparison. */
  readonly changes: readonly ChangelogChange[];
}

/** One change, told to a subscriber: `message` says what to do about it, too. */
export interface ChangelogChange extends Pick<
  Change,
  "rule" | "pointer" | "subscriber" | "replay" | "bump" | "message"
> {
  /** Who is affected, in a sentence. */
  readonly affected: string;
}

/** `changelog.json` of an event type, newest version first. Written by `release`, like the versions beside it. */
export type Changelog = readonly ChangelogEntry[];

/** Reads `changelog.json`; a contract without one has no entries. */
export function readChangelog(
  file: string,
  document: Json | undefined,
): { readonly changelog: Changelog; readonly problems: readonly Problem[] } {
  if (document === undefined) return { changelog: [], problems: [] };
  // Every member that is read has been looked at.
  if (Array.isArray(document) && document.every(isEntry))
    return { changelog: document as unknown as Changelog, problems: [] };
  const message =
    "Must be a list of { version, released, bump, changes }, as `hooks contracts release` writes it.";
  return { changelog: [], problems: [{ code: "invalid_changelog", file, pointer: "", message }] };
}

function isEntry(entry: Json): boolean {
  if (!isObject(entry) || !Array.isArray(entry["changes"])) return false;
  const isTold =
    /^\d+\.\d+\.\d+$/.test(String(entry["version"])) &&
    typeof entry["released"] === "string" &&
    ["first", ...bumps].includes(String(entry["bump"]));
  return isTold && entry["changes"].every(isChange);
}

const texts = ["rule", "pointer", "subscriber", "replay", "bump", "message", "affected"];

function isChange(change: Json): boolean {
  return isObject(change) && texts.every((name) => typeof change[name] === "string");
}

/** A change as a changelog keeps it: without its proof, which is for whoever makes the change. */
export function toChangelogChange(change: Change): ChangelogChange {
  const { rule, pointer, subscriber, replay, bump, message, action } = change;
  const told = `${message} ${action}`;
  return { rule, pointer, subscriber, replay, bump, message: told, affected: affectedBy(change) };
}

/** Who has to do something about a change. */
export function affectedBy({
  subscriber,
  replay,
  bump,
}: Pick<Change, "subscriber" | "replay" | "bump">): string {
  if (subscriber === "breaking" && replay === "breaking")
    return "Every subscriber of the version before, and whoever reads older events with the new version.";
  if (subscriber === "breaking") return "Every subscriber of the version before.";
  if (replay === "breaking")
    return "Whoever reads older events with the new version, such as after a replay.";
  return bump === "major" ? "Every subscriber whose code counts on what changed." : "No subscriber breaks.";
}
