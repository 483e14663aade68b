import { bumps, greatestBump, type Bump } from "../diff/comparison.ts";
import type { Problem } from "../problem.ts";
import type { Files } from "../render/files.ts";

/** Where `changeset` keeps what has not been released. */
export const changesetFolder = ".changeset";

/** What the changesets (by path) say about one package: the file and its bump. */
export interface Changeset {
  readonly file: string;
  readonly bump: Bump;
}

/** Reads the front matter of `.changeset/*.md`: `"@acme/events": minor`. */
export function changesetsOf(packageName: string, files: Files): readonly Changeset[] {
  return [...files].flatMap(([file, text]): readonly Changeset[] => {
    const [, front = ""] = /^---\r?\n(.*?)^---/ms.exec(text) ?? [];
    const rows = front.split("\n").map((line) => /^\s*(["']?)(.+?)\1\s*:\s*(["']?)(\w+)\3\s*$/.exec(line));
    const [row] = rows.filter((one) => one?.[2] === packageName);
    const bump = bumps.find((one) => one === row?.[4]);
    return bump === undefined ? [] : [{ file, bump }];
  });
}

export interface NeededBump {
  readonly name: string;
  readonly bump: Bump;
}

/** Asks for a changeset of at least the computed bump. */
export function lintChangesets({ name, bump }: NeededBump, files: Files): readonly Problem[] {
  const found = changesetsOf(name, files);
  if (bumps.indexOf(greatestBump(found.map((one) => one.bump))) >= bumps.indexOf(bump)) return [];
  if (found.length === 0) {
    const message = `The contracts changed, which makes ${name} a ${bump} release, and no changeset says so: run \`hooks contracts changeset\`, before \`hooks contracts release\`.`;
    return [{ code: "missing_changeset", file: changesetFolder, pointer: "", message }];
  }
  return found.map((one) => ({
    code: "changeset_too_low",
    file: one.file,
    pointer: "",
    message: `It says ${one.bump}, but the changed contracts make ${name} a ${bump} release: \`hooks contracts changeset\` writes that.`,
  }));
}
