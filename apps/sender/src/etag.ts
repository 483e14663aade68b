import { Refusal } from "./problem.ts";

/** The strong validator of a revision (RFC 9110, 8.8.3). */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * Whether a change may be made to what is at `revision`: the revision it must still be at, or `undefined` when any will
 * do. Throws a `Refusal` when `If-Match` names another one; what cannot be read names none.
 */
export function expectedRevision(ifMatch: string | undefined, revision: number): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === "*") return undefined;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  if (tags.includes(etagOf(revision))) return revision;
  throw new Refusal("version_conflict", `If-Match does not name the current version, ${etagOf(revision)}`);
}
