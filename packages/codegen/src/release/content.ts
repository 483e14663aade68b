import { compareContracts } from "../diff/compare.ts";
import type { Bump } from "../diff/comparison.ts";
import { objectAt, type JsonObject } from "../json.ts";
import type { Version } from "../project.ts";

/** A contract that says which version it is. */
export function withVersion(schema: JsonObject, version: string): JsonObject {
  const event = objectAt(schema, "x-event");
  return event["version"] === version ? schema : { ...schema, "x-event": { ...event, version } };
}

/** Whether two bundled contracts say the same, by whatever number. */
export function sameContent(left: JsonObject, right: JsonObject): boolean {
  return compareContracts(left, right).bump === "none";
}

/** The version that a bump leads to. */
export function nextVersion(version: string, bump: Bump): string {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  switch (bump) {
    case "none":
      return version;
    case "patch":
      return `${major}.${minor}.${patch + 1}`;
    case "minor":
      return `${major}.${minor + 1}.0`;
    case "major":
      return `${major + 1}.0.0`;
  }
}

/**
 * The number under which a contract is generated: its own, or, when a release of that number says something else,
 * the one its next release will have. A released number never stands for two contracts. A break that nobody excuses
 * has no number within the major: `readProject` refuses it, and what is excused counts as minor.
 */
export function upcomingVersion(
  declared: string,
  schema: JsonObject,
  released: readonly Pick<Version, "version" | "schema">[],
): string {
  const release = released.find(({ version }) => version === declared);
  if (release === undefined) return declared;
  const { bump } = compareContracts(release.schema, schema);
  return nextVersion(declared, bump === "major" ? "minor" : bump);
}
