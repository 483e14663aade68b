import type { Problems } from "./problems.ts";

/** The environment, and how to read a file for `NAME_FILE`. */
export interface Variables {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
}

/** The value of `NAME`, or the content of the file that `NAME_FILE` names; empty counts as not set. */
export function readVariable(
  name: string,
  { env, readFile }: Variables,
  problems: Problems,
): string | undefined {
  const value = env[name];
  if (value !== undefined && value !== "") return value;
  const path = env[`${name}_FILE`];
  if (path === undefined || path === "") return undefined;
  try {
    return readFile(path).replace(/\r?\n$/, "");
  } catch (error) {
    if (!problems.isFaulty(`${name}_FILE`)) problems.add(`${name}_FILE`, sayUnreadable(path, error).message);
    return undefined;
  }
}

/** Why a file cannot be read. */
export function sayUnreadable(
  path: string,
  error: unknown,
): { readonly isAbsent: boolean; readonly message: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  const isAbsent = code === "ENOENT";
  if (isAbsent) return { isAbsent, message: `expected a file at ${path}, there is none` };
  return code === "ERR_ENCODING_INVALID_ENCODED_DATA"
    ? { isAbsent, message: `expected text in UTF-8 in ${path}` }
    : { isAbsent, message: `expected a file at ${path} that can be read, got ${code}` };
}

/** Replaces `${…}` in every text of a parsed file; `replace` is given what stands between, nothing where there is no end. */
export function interpolate(
  value: unknown,
  path: string,
  replace: (name: string, path: string) => string,
): unknown {
  if (typeof value === "string") {
    return value.replaceAll(/\$\{(?:([^}]*)\})?/g, (_, name: string = "") => replace(name, path));
  }
  const at = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((one, index) => interpolate(one, at(index), replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, interpolate(one, at(key), replace)]),
  );
}
