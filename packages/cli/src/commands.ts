import type { Command } from "./command.ts";

/** One command as the help lists it; its code is loaded only when it runs. */
export interface CommandRow {
  /** The words that call it, such as `contracts lint`. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** First words that several commands share. */
export const groups: Readonly<Record<string, string>> = {
  contracts: "What your events look like: one JSON Schema for each event type",
};

/** Every command, in the order of the help. */
export const commands: readonly CommandRow[] = [
  {
    name: "contracts lint",
    summary: "Check a folder of schemas, its examples and its released versions",
    load: () => import("./commands/contracts/lint.ts"),
  },
];
