import { createHash } from "node:crypto";
import { isObject, objectAt, pointerTo, type Json } from "../json.ts";
import { lockFile } from "../layout.ts";
import type { Problem } from "../problem.ts";
import type { Sources } from "../sources.ts";

/** `catalog.lock.json`: what has been released. Written by `release`, and by nothing else. */
export interface Lock {
  /** Name of the last release: its date, with `.2` and so on for a further one of the same day. */
  readonly release: string;
  /** The newest released version of each event type. */
  readonly events: Readonly<Record<string, string>>;
  /** `invoice.paid/1.2.0` to `sha256-…` of the released file, whose line ends count as `\n`. */
  readonly digests: Readonly<Record<string, string>>;
}

/** The digest of a released file, as it stands in the lock. */
export function digestOf(text: string): string {
  return `sha256-${createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("base64")}`;
}

/** The file of a key of `digests`. */
export function releasedFile(key: string): string {
  const slash = key.lastIndexOf("/");
  return `${key.slice(0, slash)}/versions/${key.slice(slash + 1)}.json`;
}

/** Reads the lock of a folder of schemas; a folder without one has never released anything. */
export function readLock(document: Json | undefined): {
  readonly lock?: Lock;
  readonly problems: readonly Problem[];
} {
  if (document === undefined) return { problems: [] };
  const isLock =
    isObject(document) &&
    Object.keys(document).toSorted().join() === "digests,events,release" &&
    typeof document["release"] === "string" &&
    matchAll(document["events"], /^\d+\.\d+\.\d+$/) &&
    matchAll(document["digests"], /^sha256-[A-Za-z0-9+/]{43}=$/) &&
    Object.keys(objectAt(document, "digests")).every((key) => /^[^/]+\/\d+\.\d+\.\d+$/.test(key));
  // Each member has been looked at just above.
  if (isLock) return { lock: document as unknown as Lock, problems: [] };
  const message = 'Must be { "release", "events", "digests" }, as `hooks contracts release` writes it.';
  return { problems: [{ code: "invalid_lock", file: lockFile, pointer: "", message }] };
}

function matchAll(value: Json | undefined, pattern: RegExp): boolean {
  return isObject(value) && Object.values(value).every((one) => typeof one === "string" && pattern.test(one));
}

/** What is wrong with the lock itself, and every released file that is no longer what was released. */
export function lintLock(document: Json | undefined, sources: Sources): readonly Problem[] {
  const { lock, problems } = readLock(document);
  const changed = Object.entries(lock?.digests ?? {}).filter(([key, digest]) => {
    const text = sources.get(releasedFile(key));
    return text !== undefined && digestOf(text) !== digest;
  });
  return [...problems, ...changed.map(([key]) => changedRelease(key))];
}

function changedRelease(key: string): Problem {
  const message =
    "This version has been released, so the file may not change; its digest is no longer that of " +
    "catalog.lock.json. Put it back, and make the change in schema.json.";
  return { code: "released_version_changed", file: releasedFile(key), pointer: "", message };
}

/** A problem that says which event type it is about. */
export interface LockProblem extends Problem {
  readonly type: string;
}

/** Released versions that are gone, and versions that no release wrote. */
export function unlocked(lock: Lock | undefined, sources: Sources): readonly LockProblem[] {
  if (lock === undefined) return [];
  const files = [...sources.keys()].filter((file) => /\/versions\/[^/]+\.json$/.test(file));
  const locked = new Set(Object.keys(lock.digests).map(releasedFile));
  return [
    ...Object.keys(lock.digests)
      .filter((key) => !sources.has(releasedFile(key)))
      .map(removedRelease),
    ...files.filter((file) => !locked.has(file)).map(unlockedVersion),
  ];
}

function removedRelease(key: string): LockProblem {
  const code = "released_version_removed";
  const message = `${key} has been released, but ${releasedFile(key)} is gone: endpoints may be pinned to it.`;
  return { code, file: lockFile, pointer: pointerTo("/digests", key), message, type: folderOf(key) };
}

function unlockedVersion(file: string): LockProblem {
  const code = "unlocked_version";
  const message = "Only `hooks contracts release` writes versions; this one is not in catalog.lock.json.";
  return { code, file, pointer: "", message, type: folderOf(file) };
}

function folderOf(path: string): string {
  return path.slice(0, path.indexOf("/"));
}
