import type { Provider } from "@hooks/signing/providers";
import type { Io } from "../command.ts";
import { misuse } from "../failure.ts";
import { readBytes, readText } from "../files.ts";

/** The body's bytes, none for no option. Throws `Failure` for a file that cannot be read. */
export async function readBody(text: string | undefined, io: Io): Promise<Buffer> {
  if (text === undefined) return Buffer.alloc(0);
  return text.startsWith("@") ? readBytes(text.slice(1), io) : Buffer.from(text);
}

/**
 * Secrets as the provider shows them; none are needed where its keys are fetched. Throws `Failure` for a file or variable
 * that is not there.
 */
export async function readSecrets(
  given: readonly string[],
  { hasNoSecrets = false }: Provider,
  io: Io,
): Promise<readonly string[]> {
  if (given.length === 0 && !hasNoSecrets) throw misuse("--secret SECRET is missing.");
  return Promise.all(given.map((one) => readSecret(one, io)));
}

async function readSecret(given: string, io: Io): Promise<string> {
  // An editor ends a file with a line break that is not of the secret.
  if (given.startsWith("@")) return (await readText(given.slice(1), io)).replace(/\r?\n$/, "");
  if (!given.startsWith("env:")) return given;
  const name = given.slice("env:".length);
  const value = io.readVariable(name);
  if (value === undefined || value === "") throw misuse(`There is no variable ${name} in the environment.`);
  return value;
}

const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/** Headers by lower-case name; one that is given twice has both values. `@FILE` has one a line. Throws `Failure`. */
export async function readHeaders(
  given: readonly string[],
  io: Io,
): Promise<Readonly<Record<string, string | readonly string[]>>> {
  const lines = await Promise.all(
    given.map(async (one) => (one.startsWith("@") ? linesOf(await readText(one.slice(1), io)) : [one])),
  );
  const headers = new Map<string, readonly string[]>();
  for (const line of lines.flat()) {
    const [, name, value] = headerLine.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw misuse(`Expected --header "name: value", got ${JSON.stringify(line.slice(0, 40))}.`);
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  return Object.fromEntries(
    Array.from(headers, ([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]),
  );
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "" && !/^[A-Z]+ \S+ HTTP\/|^HTTP\//.test(line));
}

/** `name=value` pairs. Throws `Failure`. */
export function readSettings(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf("=");
      if (at < 1) throw misuse(`Expected --setting NAME=VALUE, got ${JSON.stringify(one)}.`);
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

/** Unix seconds, Unix milliseconds or RFC 3339. Throws `Failure`. */
export function readInstant(name: string, text: string): Date {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  const instant = new Date(number === undefined ? text : number < 1e11 ? number * 1000 : number);
  if (Number.isNaN(instant.getTime()) || instant.getTime() < 0)
    throw misuse(
      `Expected ${name} in Unix seconds or like 2026-01-15T09:30:00Z, got ${JSON.stringify(text)}.`,
    );
  return instant;
}
