import type { Problem } from "@hooks/codegen";

/** How the `hooks` command meets the world. Only `main.ts` knows the process behind it. */
export interface Io {
  /** Relative paths start here. */
  readonly folder: string;
  /** Standard output: results only, and nothing but JSON with `--json`. */
  readonly print: (text: string) => void;
  /** Standard error: what a person should know. */
  readonly explain: (text: string) => void;
  /** All of standard input. */
  readonly readInput: () => Promise<Buffer>;
  /** A variable of the environment, for secrets that should not stand among the arguments. */
  readonly readVariable: (name: string) => string | undefined;
}

/** What the process ends with. */
export const exitCode = { fine: 0, found: 1, misuse: 2 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** One option: `--name VALUE`, or a flag. */
export type Option =
  | {
      readonly type: "string";
      /** Stands for the value in the help, such as `DIR`. */
      readonly value: string;
      readonly summary: string;
      readonly default?: string;
      /** The command cannot do without it. */
      readonly required?: true;
      /** May be given more than once; the values come in that order. */
      readonly repeatable?: true;
    }
  | { readonly type: "boolean"; readonly summary: string };
export type Options = Readonly<Record<string, Option>>;

/** What a command was called with. */
export interface Input<Known extends Options = Options> {
  readonly options: { readonly [Name in keyof Known]: ValueOf<Known[Name]> };
  /** As many as the command's `positionals` ask for. */
  readonly positionals: readonly string[];
}

type ValueOf<One extends Option> = One extends { readonly type: "boolean" }
  ? boolean
  : One extends { readonly repeatable: true }
    ? readonly string[]
    : One extends { readonly required: true } | { readonly default: string }
      ? string
      : string | undefined;

/** What a command takes and does. Its name and summary stand in the table of commands. */
export interface Command {
  /** Names of the arguments, such as `OLD`; the last may be `FILE…`, one or more, or `[FILE…]`, none or more. */
  readonly positionals: readonly string[];
  readonly options: Options;
  /** Paragraphs of the help, after the usage. */
  readonly details?: string;
  /** What `--json` prints where problems kept the command from its work; by default `{ problems }`. */
  readonly problemsToJson?: (problems: readonly Problem[]) => unknown;
  /** Throws `Failure` for what the user can mend. */
  readonly run: (input: Input, io: Io) => Promise<ExitCode>;
}

export interface CommandDefinition<Known extends Options> extends Omit<Command, "options" | "run"> {
  readonly options: Known;
  readonly run: (input: Input<Known>, io: Io) => Promise<ExitCode>;
}

/** Makes a command whose `run` knows the types of its options. */
export function defineCommand<const Known extends Options>(definition: CommandDefinition<Known>): Command {
  // The options are parsed by the same table that gives the types.
  return definition as unknown as Command;
}
