import type { SourceFile } from "./source-file.ts";

/** What no tracked file may say; patterns that do not find themselves. */
const forbidden: Readonly<Record<string, RegExp>> = {
  "a path of a machine": /(?<![\w.$}-])\/(?:work|root|home|Users)\/[\w.-]+/,
  "a registry":
    /\bhttps?:\/\/[^\s"'`/]*(?:registry|artifactory|nexus|verdaccio)[^\s"'`]*|\b_auth(?:Token)?\s*=/i,
  "a private host": /\bhttps?:\/\/[^\s"'`/]*\.(?:corp|lan|svc)\b/i,
};

/** Tests that are switched off without saying why, or that switch off all others. */
const switches = /\b(?:it|test|describe)(?:\.\w+)*\.(only|skip|todo)\b(.*)/;

export function faultsOfText(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    Object.entries(forbidden).flatMap(([what, pattern]) => {
      const found = pattern.exec(text)?.[0];
      return found === undefined ? [] : [`${path} has ${what}: ${found}`];
    }),
  );
}

export function faultsOfSwitches(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.endsWith(".ts"))
    .flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, index) => {
        const [, kind, rest = ""] = switches.exec(line) ?? [];
        if (kind === undefined || (kind === "skip" && /skipped: /.test(rest))) return [];
        return [`${path}:${index + 1} has .${kind} without a reason`];
      }),
    );
}

/** Names that say nothing. */
const vague = /(?:^|\/)(?:utils?|common|misc|helpers?|manager|impl)(?:\.\w+)*\.ts$/;

export function faultsOfNames(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => vague.test(path)).map((path) => `${path} has a name that says nothing`);
}
