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
  } catch {
    if (!problems.isFaulty(`${name}_FILE`)) problems.add(`${name}_FILE`, "the file cannot be read");
    return undefined;
  }
}

/** Replaces `${NAME}` in every text of a parsed file. */
export function interpolate(
  value: unknown,
  path: string,
  replace: (name: string, path: string) => string,
): unknown {
  if (typeof value === "string") {
    return value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => replace(name, path));
  }
  const at = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((one, index) => interpolate(one, at(index), replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, interpolate(one, at(key), replace)]),
  );
}
