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
    name: "verify",
    summary: "Verify a webhook as its provider signs, and say why it is refused",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "sign",
    summary: "Sign a webhook as a provider does, for the test of a receiver",
    load: () => import("./commands/sign.ts"),
  },
  {
    name: "providers",
    summary: "List the providers whose webhooks can be verified, or show how one signs",
    load: () => import("./commands/providers.ts"),
  },
  {
    name: "contracts init",
    summary: "Start a folder of schemas: from an example, OpenAPI, JSON Schema, zod or payloads",
    load: () => import("./commands/contracts/init.ts"),
  },
  {
    name: "contracts generate",
    summary: "Make a typed package of a folder of schemas",
    load: () => import("./commands/contracts/generate.ts"),
  },
  {
    name: "contracts lint",
    summary: "Check a folder of schemas, its examples and its released versions",
    load: () => import("./commands/contracts/lint.ts"),
  },
  {
    name: "contracts validate",
    summary: "Check the data of events against a schema",
    load: () => import("./commands/contracts/validate.ts"),
  },
  {
    name: "contracts diff",
    summary: "Compare two versions of a contract, or of a folder of contracts",
    load: () => import("./commands/contracts/diff.ts"),
  },
  {
    name: "contracts check",
    summary: "Find what breaks a released version, and compute the next one",
    load: () => import("./commands/contracts/check.ts"),
  },
  {
    name: "contracts migration",
    summary: "Draft the converters that a new major needs",
    load: () => import("./commands/contracts/migration.ts"),
  },
  {
    name: "contracts changeset",
    summary: "Write changesets for the contracts that changed",
    load: () => import("./commands/contracts/changeset.ts"),
  },
  {
    name: "contracts release",
    summary: "Release what changed: immutable versions, changelogs, the lock",
    load: () => import("./commands/contracts/release.ts"),
  },
  {
    name: "contracts docs",
    summary: "Write a catalogue site, OpenAPI, AsyncAPI and llms.txt",
    load: () => import("./commands/contracts/docs.ts"),
  },
  {
    name: "contracts mock",
    summary: "Send a signed test event to an address of yours",
    load: () => import("./commands/contracts/mock.ts"),
  },
];
