import type { Problems } from "./problems.ts";

/** Reads one mapping of the configuration. Every fault is noted; what is read instead is the default. */
export interface Reader {
  text(key: string): string | undefined;
  texts(key: string): readonly string[];
  integer(key: string, range: { readonly min: number; readonly max: number }): number | undefined;
  flag(key: string): boolean | undefined;
  choice<const T extends string>(key: string, values: readonly T[]): T | undefined;
  /** Whatever stands there. */
  value(key: string): unknown;
  /** A mapping of whatever. */
  mapping(key: string): Readonly<Record<string, unknown>> | undefined;
  /** A mapping within. */
  within(key: string): Reader | undefined;
  /** The mappings within a mapping, by name. */
  entries(key: string): readonly (readonly [name: string, reader: Reader])[];
  /** Notes a fault, unless it follows from another at that place. */
  problem(key: string, message: string): void;
  /** Whether what was read there may be but a default. */
  isFaulty(key: string): boolean;
  /** To be called last: every key that was not asked for is a problem. */
  finish(): void;
}

/** Reads `value`, which stands at `path` (empty for the whole file). */
export function createReader(value: unknown, path: string, problems: Problems): Reader {
  const mapping = isMapping(value) ? value : {};
  if (!isMapping(value) && !problems.isFaulty(path)) problems.add(path, "expected a mapping");
  const asked = new Set<string>();
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const isFaulty = (key: string) => problems.isFaulty(at(key));
  const problem = (key: string, message: string) => {
    if (!isFaulty(key)) problems.add(at(key), message);
  };
  const get = (key: string): unknown => {
    asked.add(key);
    return Object.hasOwn(mapping, key) ? (mapping[key] ?? undefined) : undefined;
  };
  /** The value if `fits`, else a problem and nothing. */
  const expect = <T>(key: string, fits: (given: unknown) => given is T, what: string): T | undefined => {
    const given = get(key);
    if (given === undefined || fits(given)) return given;
    problem(key, `expected ${what}`);
    return undefined;
  };
  return {
    problem,
    isFaulty,
    text: (key) => expect(key, isText, "text"),
    texts: (key) => expect(key, isTexts, "a list of texts") ?? [],
    integer: (key, { min, max }) =>
      expect(key, (given) => isInteger(given, min, max), `a whole number from ${min} to ${max}`),
    flag: (key) => expect(key, (given) => typeof given === "boolean", "true or false"),
    choice: (key, values) =>
      expect(
        key,
        (given): given is (typeof values)[number] => values.some((one) => one === given),
        `one of ${values.join(", ")}`,
      ),
    value: get,
    mapping: (key) => expect(key, isMapping, "a mapping"),
    within: (key) => {
      const given = get(key);
      return given === undefined ? undefined : createReader(given, at(key), problems);
    },
    entries: (key) => {
      const given = expect(key, isMapping, "a mapping") ?? {};
      return Object.entries(given).map(([name, one]) => [
        name,
        createReader(one, `${at(key)}.${name}`, problems),
      ]);
    },
    finish: () => {
      for (const key of Object.keys(mapping)) if (!asked.has(key)) problems.add(at(key), "unknown key");
    },
  };
}

/** Names go into paths, keys of stores and labels of metrics. */
export function checkName(reader: Reader, name: string): void {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name)) return;
  reader.problem("(name)", "expected letters, digits, - and _, at most 64");
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}
