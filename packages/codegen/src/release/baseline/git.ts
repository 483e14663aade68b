import { maxBytes, maxFileBytes, maxFiles, type Sources } from "../../sources.ts";
import { unreadable } from "../baseline.ts";
import { runProgram, type Ran } from "./process.ts";

type Git = (args: readonly string[], input?: string) => Promise<Ran>;

/**
 * Reads a folder of schemas as it was at a commit: `ref` is a branch, tag, commit or the like. Throws `ContractsError`
 * when there is no such commit, or no such folder in it.
 */
export async function readGitSources(ref: string, folder: string): Promise<Sources> {
  const git: Git = (args, input = "") => runProgram(["git", ...args], { folder, input, maxBytes });
  // What could be an option or several revisions is refused before git sees it.
  if (!/^[\w][\w./@{}~^+-]*$/.test(ref) || ref.includes(".."))
    throw unreadable(`git:${ref}`, "This is no name of a commit.");
  const commit = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  if (!commit.ok) throw unreadable(`git:${ref}`, await reasonOf(commit, { ref, git }));
  const tree = await git(["ls-tree", "-r", "-z", commit.stdout.toString().trim(), "--", "."]);
  if (!tree.ok) throw unreadable(`git:${ref}`, "git cannot list the files of that commit.");
  const files = tree.stdout.toString().split("\0").flatMap(toFile);
  if (files.length === 0) throw unreadable(`git:${ref}`, "The folder of schemas was not there.");
  if (files.length > maxFiles) throw unreadable(`git:${ref}`, `There are more than ${maxFiles} files.`);
  const blobs = await git(["cat-file", "--batch"], files.map(({ blob }) => `${blob}\n`).join(""));
  if (!blobs.ok) throw unreadable(`git:${ref}`, "git cannot read the files of that commit.");
  const texts = textsOf(blobs.stdout, `git:${ref}`);
  return new Map(
    files
      .map(({ path }, index): [string, string] => [path, texts[index] ?? ""])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** `mode SP type SP object TAB path`; only plain files, so that no link is followed. */
function toFile(line: string): readonly { readonly blob: string; readonly path: string }[] {
  const [, blob, path] = /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
  return blob !== undefined && path !== undefined && /\.(?:json|ts)$/.test(path) ? [{ blob, path }] : [];
}

/** The answer of `git cat-file --batch`: for each object `name SP type SP size LF content LF`. */
function textsOf(answer: Buffer, name: string): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < answer.length;) {
    const end = answer.indexOf("\n", at);
    const size = Number(answer.toString("utf8", at, end).split(" ")[2]);
    if (!(size <= maxFileBytes)) throw unreadable(name, `A file is larger than ${maxFileBytes} bytes.`);
    texts.push(answer.toString("utf8", end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return texts;
}

interface Missing {
  readonly ref: string;
  readonly git: Git;
}

/** Why there is no commit of a name: in the order in which it would have to be mended. */
async function reasonOf({ stderr }: Ran, { ref, git }: Missing): Promise<string> {
  if (stderr.includes("ENOENT")) return "git is not installed.";
  if (stderr.includes("not a git repository")) return "The folder of schemas is not in a git repository.";
  const remotes = linesOf(await git(["remote"]));
  const [, remote = "", branch = ""] = /^([^/~^@]+)\/([^~^@]+)/.exec(ref) ?? [];
  const known = remotes.length === 0 ? "it has none" : `it has ${remotes.join(", ")}`;
  if (remote === "origin" && !remotes.includes(remote))
    return `This repository has no remote called ${remote}; ${known}.`;
  const isShallow = linesOf(await git(["rev-parse", "--is-shallow-repository"])).includes("true");
  if (remotes.includes(remote))
    return `Nothing has been fetched here of a branch ${branch} of ${remote}: git fetch ${remote} ${branch}:refs/remotes/${remote}/${branch}.`;
  if (isShallow)
    return "This clone is shallow and has no such branch, tag or commit: git fetch --unshallow gets the rest.";
  const hint = remote === "" ? "" : ` Nor is there a remote called ${remote}; ${known}.`;
  return `There is no such branch, tag or commit here.${hint}`;
}

function linesOf({ stdout }: Ran): readonly string[] {
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "");
}
