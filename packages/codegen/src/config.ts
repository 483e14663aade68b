import { isObject, pointerTo, type Json } from "./json.ts";
import { configFile } from "./layout.ts";
import type { Problem } from "./problem.ts";
import type { ProjectConfig } from "./project.ts";

/** Names npm would publish, and that stand in code and JSON as they are. */
export const packageName: RegExp = /^(?:@[a-z0-9._-]+\/)?[a-z0-9._-]+$/;

const members: Readonly<
  Record<keyof ProjectConfig, { readonly expected: string; readonly pattern: RegExp }>
> = {
  package: { expected: "the name of an npm package", pattern: packageName },
  source: {
    expected: "a short name of the system that sends, such as billing",
    pattern: /^[A-Za-z0-9._/:-]{1,200}$/,
  },
  lint: { expected: "strict or relaxed", pattern: /^(?:strict|relaxed)$/ },
};
const fallback: ProjectConfig = { package: "contracts", source: "hooks", lint: "strict" };

/**
 * Reads `hooks.schemas.json`; `lint` may be left out and is then `strict`. A folder without the file holds anybody's
 * schemas: they are linted `relaxed`, and the package is called `contracts`.
 */
export function readConfig(document: Json | undefined): {
  readonly config: ProjectConfig;
  readonly problems: readonly Problem[];
} {
  if (document === undefined) return { config: { ...fallback, lint: "relaxed" }, problems: [] };
  if (!isObject(document)) {
    const message = `${configFile} must be an object with package and source.`;
    return {
      config: fallback,
      problems: [{ code: "invalid_config", file: configFile, pointer: "", message }],
    };
  }
  const given = { lint: "strict", ...document };
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(members, name) && name !== "$schema");
  const wrong = Object.entries(members).filter(([name, { pattern }]) => {
    const value = (given as Readonly<Record<string, Json>>)[name];
    return typeof value !== "string" || !pattern.test(value);
  });
  const problems = [
    ...unknown.map((name) => problem(name, `${name} is not a setting.`)),
    ...wrong.map(([name, { expected }]) => problem(name, `${name} must be ${expected}.`)),
  ];
  // Each member has been matched against its pattern just above.
  return { config: problems.length > 0 ? fallback : (given as unknown as ProjectConfig), problems };
}

function problem(member: string, message: string): Problem {
  return { code: "invalid_config", file: configFile, pointer: pointerTo("", member), message };
}
