import { posix } from "node:path";
import type { SourceFile } from "./source-file.ts";

const inline = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const definition = /^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)/gm;

/** Relative links of Markdown files that lead to no tracked file or folder. `paths` are the tracked files. */
export function faultsOfLinks(files: readonly SourceFile[], paths: readonly string[]): readonly string[] {
  const known = new Set(paths.flatMap(withFolders));
  return files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap((file) =>
      linksOf(file)
        .filter((link) => !known.has(targetOf(file, link)))
        .map((link) => `${file.path} links to ${link}`),
    );
}

/** What is not a link to this tree has a scheme or is an anchor; code is no link. */
function linksOf({ text }: SourceFile): readonly string[] {
  const prose = text.replaceAll(/^( *)(```+|~~~+)[^]*?^\1\2/gm, "").replaceAll(/(`+)[^`\n]+\1(?!`)/g, "code");
  return [inline, definition]
    .flatMap((pattern) => Array.from(prose.matchAll(pattern), ([, link = ""]) => link))
    .filter((link) => !/^(?:[a-z][a-z\d+.-]*:|\/\/|#)/i.test(link));
}

function targetOf({ path }: SourceFile, link: string): string {
  const [target = ""] = link.split(/[?#]/);
  // What stands at the root of a site is nowhere on disk.
  if (target.startsWith("/")) return target;
  const joined = posix.join(posix.dirname(path), target);
  return joined.length > 1 ? joined.replace(/\/$/, "") : joined;
}

function withFolders(path: string): readonly string[] {
  const parts = path.split("/");
  return [".", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
}
