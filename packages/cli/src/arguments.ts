import { parseArgs } from "node:util";
import type { Command, Input, Option, Options } from "./command.ts";
import { misuse } from "./failure.ts";
import { guessHint } from "./guess.ts";

/** Reads the arguments of a command, or `undefined` when they ask for help. Throws `Failure` (misuse). */
export function readArguments(
  { options, positionals }: Pick<Command, "options" | "positionals">,
  args: readonly string[],
): Input | undefined {
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...parsable(options), help: { type: "boolean", short: "h" } },
    // Every mistake is reported below, in our own words.
    strict: false,
    tokens: true,
  });
  const given = new Map<string, readonly (string | true)[]>();
  const found: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") found.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "help") return undefined;
    const value = valueOf(token, options);
    const before = given.get(token.name) ?? [];
    if (before.length > 0 && !isRepeatable(options[token.name]))
      throw misuse(`${token.rawName} was given twice.`);
    given.set(token.name, [...before, value]);
  }
  checkPositionals(positionals, found);
  const entries = Object.entries(options).map(([name, option]) => [name, take(name, option, given)]);
  return { options: Object.fromEntries(entries), positionals: found };
}

function parsable(options: Options): Readonly<Record<string, { readonly type: Option["type"] }>> {
  return Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function valueOf({ name, rawName, value, inlineValue }: OptionToken, options: Options): string | true {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) {
    const known = [...Object.keys(options), "help"].map((one) => `--${one}`);
    throw misuse(`There is no option ${rawName}.${guessHint(rawName, known)}`);
  }
  if (option.type === "boolean") {
    if (value !== undefined) throw misuse(`${rawName} takes no value.`);
    return true;
  }
  // `--schemas --json` forgot the folder; `--schemas=--json` did not.
  const isForgotten = value === undefined || (inlineValue !== true && /^-./.test(value));
  if (isForgotten) throw misuse(`${rawName} needs a value: ${rawName} ${option.value}.`);
  if (value === "") throw misuse(`${rawName} needs a value that is not empty.`);
  return value;
}

function isRepeatable(option: Option | undefined): boolean {
  return option?.type === "string" && option.repeatable === true;
}

function take(
  name: string,
  option: Option,
  given: ReadonlyMap<string, readonly (string | true)[]>,
): string | boolean | readonly string[] | undefined {
  if (option.type === "boolean") return given.has(name);
  const values = (given.get(name) ?? []).filter((value) => typeof value === "string");
  const value = values[0] ?? option.default;
  if (value === undefined && option.required) throw misuse(`--${name} ${option.value} is missing.`);
  return option.repeatable ? values : value;
}

function checkPositionals(names: readonly string[], found: readonly string[]): void {
  const missing = names[found.length];
  if (missing !== undefined && !missing.startsWith("[")) throw misuse(`${missing} is missing.`);
  const takesMore = names.at(-1)?.includes("…") === true;
  const surplus = found[names.length];
  if (surplus !== undefined && !takesMore)
    throw misuse(`${JSON.stringify(surplus)} is one argument too many.`);
}
