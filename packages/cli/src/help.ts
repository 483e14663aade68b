import type { Command, Option } from "./command.ts";
import { commands, groups, type CommandRow } from "./commands.ts";

/** The help of `hooks` itself, or of a group of commands. */
export function listHelp(group?: string): string {
  const shown = group === undefined ? commands : commands.filter(({ name }) => groupOf(name) === group);
  const about = group === undefined ? "Webhooks from the command line." : `${groups[group]}.`;
  return [
    about,
    "",
    `Usage: hooks ${group === undefined ? "" : `${group} `}COMMAND [options]`,
    "",
    "Commands:",
    ...table(shown.map(({ name, summary }) => [name, summary])),
    "",
    "Options:",
    ...table([
      ["--help, -h", "Say how it is used; also after any command"],
      ...(group === undefined ? [["--version", "Say which version this is"] as const] : []),
    ]),
    "",
    "A command ends with 0 when all is well, 1 when it found something, 2 when it was called wrongly.",
    "",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp({ name, summary }: CommandRow, command: Command): string {
  const options = Object.entries(command.options).map(
    ([option, row]) => [spelling(option, row), describe(row)] as const,
  );
  return [
    `${summary}.`,
    "",
    `Usage: ${usage(name, command)}`,
    "",
    ...(command.details === undefined ? [] : [command.details.trim(), ""]),
    "Options:",
    ...table([...options, ["--help, -h", "Say this"]]),
    "",
  ].join("\n");
}

/** `hooks contracts lint [--schemas DIR] [--json]`. */
export function usage(name: string, { options, positionals }: Command): string {
  const parts = Object.entries(options).map(([option, row]) => {
    const isRequired = row.type === "string" && row.required === true;
    const more = row.type === "string" && row.repeatable === true ? "…" : "";
    return (isRequired ? spelling(option, row) : `[${spelling(option, row)}]`) + more;
  });
  return ["hooks", name, ...parts, ...positionals].join(" ");
}

/** The group of a command, if it has one. */
export function groupOf(name: string): string | undefined {
  const [first = "", second] = name.split(" ");
  return second === undefined ? undefined : first;
}

function spelling(name: string, option: Option): string {
  return option.type === "boolean" ? `--${name}` : `--${name} ${option.value}`;
}

function describe(option: Option): string {
  const fallback = option.type === "string" && option.default !== undefined;
  return fallback ? `${option.summary} (default: ${option.default})` : option.summary;
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
