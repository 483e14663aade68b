import type { VersionChange } from "./version-changes.ts";

/** What a version means for whoever receives the one before, in sentences. */
export function verdictOf({ from, to, comparison: { subscriber, replay, bump } }: VersionChange): string {
  const pinned =
    to.major === from.major ? "" : ` Endpoints stay on major ${from.major} until they are raised.`;
  if (subscriber === "breaking")
    return `A subscriber of ${from.version} has to change something before receiving this version.${pinned}`;
  if (replay === "breaking")
    return `Code that reads ${from.version} can read this version too, but events kept from ${from.version} may not fit it.${pinned}`;
  if (bump === "major")
    return `Code that reads ${from.version} can read this version too, but may not mean the same by it: see what changed.${pinned}`;
  return `A subscriber of ${from.version} has nothing to change.${pinned}`;
}
