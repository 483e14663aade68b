import { readArguments } from "./arguments.ts";
import { exitCode, type Command, type ExitCode, type Input, type Io } from "./command.ts";
import { commands, groups, type CommandRow } from "./commands.ts";
import { misuse } from "./failure.ts";
import { guessHint } from "./guess.ts";
import { commandHelp, groupOf, listHelp } from "./help.ts";
import { reportFailure, type Called } from "./report-failure.ts";
import { version } from "./version.ts";

/**
 * Runs the command that the arguments name and says what the process must end with. What the user can mend is
 * explained in one line; anything else is thrown.
 */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let called: Called = {};
  try {
    const found = find(args);
    if (found.kind === "print") {
      io.print(found.text);
      return exitCode.fine;
    }
    const { row, rest } = found;
    called = { name: row.name };
    const { command } = await row.load();
    const input = readArguments(command, rest);
    if (input === undefined) {
      io.print(commandHelp(row, command));
      return exitCode.fine;
    }
    called = { name: row.name, toJson: jsonOfProblems(command, input) };
    return await command.run(input, io);
  } catch (error) {
    return reportFailure(error, called, io);
  }
}

function jsonOfProblems({ problemsToJson }: Command, { options }: Input): Called["toJson"] {
  if (options["json"] !== true) return undefined;
  return problemsToJson ?? ((problems) => ({ problems }));
}

type Found =
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "command"; readonly row: CommandRow; readonly rest: readonly string[] };

function find([first, ...rest]: readonly string[]): Found {
  if (first === undefined) throw misuse("A command is missing.");
  if (first === "--help" || first === "-h") return { kind: "print", text: listHelp() };
  if (first === "--version") return { kind: "print", text: `${version}\n` };
  if (first.startsWith("-"))
    throw misuse(`There is no option ${first} before a command.${guessHint(first, ["--help", "--version"])}`);
  return Object.hasOwn(groups, first) ? findIn(first, rest) : single(first, rest);
}

function findIn(group: string, [second, ...rest]: readonly string[]): Found {
  if (second === undefined) throw misuse(`A command is missing after ${group}.`);
  if (second === "--help" || second === "-h") return { kind: "print", text: listHelp(group) };
  const row = commands.find(({ name }) => name === `${group} ${second}`);
  if (row !== undefined) return { kind: "command", row, rest };
  const known = commands.filter(({ name }) => groupOf(name) === group).map(({ name }) => name);
  const names = known.map((name) => name.slice(group.length + 1));
  throw misuse(`There is no command ${group} ${second}.${guessHint(second, names)}`);
}

function single(first: string, rest: readonly string[]): Found {
  const row = commands.find(({ name }) => name === first);
  if (row !== undefined) return { kind: "command", row, rest };
  const known = [...Object.keys(groups), ...commands.map(({ name }) => name)];
  throw misuse(`There is no command ${first}.${guessHint(first, known)}`);
}
