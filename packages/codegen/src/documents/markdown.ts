/** A text as one line of Markdown prose: nothing in it means anything. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_{}[\]<>()#+\-!|~&$]/g, "\\$&")
    .replaceAll(/^(\d+)([.)])/g, "$1\\$2");
}

/** A text without line breaks and control characters. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- These are what is looked for.
  return text.replaceAll(/[\s\0-\x1f\x7f\u0085\u2028\u2029]+/g, " ").trim();
}

/** A text as inline code, whatever backticks it holds. */
export function inlineCode(text: string): string {
  const bare = oneLine(text);
  const fence = "`".repeat(longestRun(bare) + 1);
  const pad = bare.startsWith("`") || bare.endsWith("`") ? " " : "";
  return `${fence}${pad}${bare}${pad}${fence}`;
}

/** A block of code, whatever fences it holds. */
export function codeBlock(language: string, text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
