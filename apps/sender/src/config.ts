import { parseDocument } from "yaml";
import { type Reading, type Setting, settings } from "./config/settings.ts";
import type { JsonSchema } from "./shape.ts";

type Settings = typeof settings;

export type Config = { readonly [K in keyof Settings]: Settings[K]["fallback"] };

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

export type Environment = Readonly<Record<string, string | undefined>>;

interface Sources {
  readonly env: Environment;
  readonly file: Readonly<Record<string, unknown>>;
  /** Throws when the file cannot be read. */
  readonly readFile: (path: string) => string;
}

/**
 * The configuration: the YAML file that `HOOKS_CONFIG` names, the environment over it, defaults under both. Every problem
 * is reported, one sentence each, and none repeats a value. An empty variable counts as not set.
 */
export function parseConfig(env: Environment, readFile: (path: string) => string): ParsedConfig {
  const problems: string[] = [];
  const sources: Sources = { env, file: readYaml({ env, readFile, problems }), readFile };
  const entries = Object.entries(settings).map(([name, setting]) => [
    name,
    choose(name, setting, { ...sources, problems }),
  ]);
  // Each setting has been read by its own row.
  const config = Object.fromEntries(entries) as Config;
  problems.push(...problemsOfWhole(config, sources));
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems };
}

/** The JSON Schema of the YAML file. */
export function configSchema(): JsonSchema {
  const properties = Object.entries(settings).map(([name, { schema, description, env, fallback }]) => [
    name,
    {
      ...schema,
      description: `${description} Environment: ${env}.`,
      ...(fallback === undefined ? {} : { default: fallback }),
    },
  ]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of the Hooks sender",
    type: "object",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

type Problems = { readonly problems: string[] };

/** Throws also where YAML would leave out a part of a text, as it does with one that begins with !. */
function parseYaml(text: string): unknown {
  const document = parseDocument(text);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw fault;
  return document.toJS();
}

function readYaml({ env, readFile, problems }: Omit<Sources, "file"> & Problems): Sources["file"] {
  const path = env["HOOKS_CONFIG"];
  if (path === undefined || path === "") return {};
  try {
    const content = parseYaml(readFile(path)) ?? {};
    if (typeof content !== "object" || content === null || Array.isArray(content)) {
      problems.push("HOOKS_CONFIG: expected a file with a mapping of settings");
      return {};
    }
    const file = content as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(file))
      if (!Object.hasOwn(settings, name)) problems.push(`${name}: there is no such setting`);
    return file;
  } catch {
    problems.push(`HOOKS_CONFIG: the file ${path} cannot be read as YAML`);
    return {};
  }
}

/** The value of one setting: environment, secret file, YAML, default. */
function choose(name: string, setting: Setting<unknown>, sources: Sources & Problems): unknown {
  const found = find(name, setting, sources);
  if (found === undefined) return setting.fallback;
  const result: Reading<unknown> = found.ok ? setting.read(found.value) : found;
  if (result.ok) return result.value;
  sources.problems.push(`${found.where}: ${result.problem}`);
  return setting.fallback;
}

type Found = Reading<unknown> & { readonly where: string };

function find(
  name: string,
  { env: variable, isSecret }: Setting<unknown>,
  sources: Sources,
): Found | undefined {
  const { env, file, readFile } = sources;
  const value = env[variable] || undefined;
  const path = isSecret ? env[`${variable}_FILE`] || undefined : undefined;
  if (value !== undefined && path !== undefined)
    return { where: variable, ok: false, problem: `expected only one of ${variable} and ${variable}_FILE` };
  if (value !== undefined) return { where: variable, ok: true, value };
  if (path !== undefined) return { where: `${variable}_FILE`, ...readSecret(path, readFile) };
  if (!Object.hasOwn(file, name)) return undefined;
  return { where: name, ...interpolate(file[name], env) };
}

function readSecret(path: string, readFile: (path: string) => string): Reading<string> {
  try {
    return { ok: true, value: readFile(path).trim() };
  } catch {
    return { ok: false, problem: `the file ${path} cannot be read` };
  }
}

/** Puts variables in the place of `${NAME}`, in a text or a list of texts. */
function interpolate(value: unknown, env: Environment): Reading<unknown> {
  const missing = new Set<string>();
  const fill = (text: string) =>
    text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = env[name];
      if (found === undefined || found === "") missing.add(name);
      return found ?? "";
    });
  const filled = Array.isArray(value) ? value.map((item) => fillText(item, fill)) : fillText(value, fill);
  return missing.size === 0
    ? { ok: true, value: filled }
    : { ok: false, problem: `the variable ${[...missing].join(", ")} is not set` };
}

function fillText(value: unknown, fill: (text: string) => string): unknown {
  return typeof value === "string" ? fill(value) : value;
}

/** What no single setting can tell. */
function problemsOfWhole(config: Config, { env, file }: Sources): readonly string[] {
  const isProduction = env["NODE_ENV"] === "production";
  const isSet = ({ env: variable }: Setting<unknown>, name: string) =>
    [env[variable], env[`${variable}_FILE`], file[name]].some(Boolean);
  const missing = isProduction
    ? (["adminKey", "masterKeys"] as const).filter((name) => !isSet(settings[name], name))
    : [];
  return [
    ...missing.map((name) => `${settings[name].env}: required in production (NODE_ENV=production)`),
    ...(config.rateBurst < config.ratePerSecond
      ? ["HOOKS_RATE_BURST: expected at least as much as HOOKS_RATE_PER_SECOND"]
      : []),
  ];
}
