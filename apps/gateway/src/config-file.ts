import { YAMLError } from "yaml";
import { isMapping } from "./config-reader.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { Problems } from "./problems.ts";
import { interpolate, readVariable, sayUnreadable, type Variables } from "./variables.ts";

/** What is in the file that `HOOKS_CONFIG` names, with its variables replaced; empty where there is no file or no mapping. */
export function readConfigFile(variables: Variables, problems: Problems): Readonly<Record<string, unknown>> {
  const path = variables.env["HOOKS_CONFIG"];
  if (path === undefined || path === "") return {};
  const text = readText(path, variables, problems);
  if (text === undefined) return {};
  const invalid = (message: string) => {
    problems.add("HOOKS_CONFIG", `config_invalid: ${message}`);
    return {};
  };
  try {
    const content = parseYaml(text) ?? {};
    if (!isMapping(content)) return invalid(`expected a mapping in ${path}, such as "sources: …"`);
    return interpolate(content, "", (name, at) =>
      replace(name, at, { variables, problems }),
    ) as typeof content;
  } catch (error) {
    return invalid(sayNoYaml(error, { path, text }));
  }
}

interface File {
  readonly path: string;
  readonly text: string;
}

/** The parser's own advice is for programmers, and what it quotes may be a secret. */
function sayNoYaml(error: unknown, { path, text }: File): string {
  const { code, linePos } = error instanceof YAMLError ? error : {};
  if (code === "MULTIPLE_DOCS") return `expected one document in ${path}, got several with --- between`;
  const [said = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  const message = said.replace(/:$/, "").replace(/(?<=\S): .*?(?= at line |$)/, "");
  const line = text.split("\n")[(linePos?.[0].line ?? 0) - 1] ?? "";
  return `expected YAML in ${path}: ${message}${hintFor(line, message)}`;
}

function hintFor(line: string, message: string): string {
  if (/[[{,:]\s*\$\{/.test(line)) return '; within [] and {} a variable is written with quotes, "${NAME}"';
  const isMarked = /alias|tag/i.test(message);
  return isMarked ? "; a text that begins with *, ! or & is written with quotes" : "";
}

function readText(path: string, { readFile }: Variables, problems: Problems): string | undefined {
  try {
    return readFile(path);
  } catch (error) {
    const { isAbsent, message } = sayUnreadable(path, error);
    problems.add("HOOKS_CONFIG", `${isAbsent ? "config_not_found" : "config_unreadable"}: ${message}`);
    return undefined;
  }
}

interface Replacing {
  readonly variables: Variables;
  readonly problems: Problems;
}

/** The value of a variable for the text at `at`, which is spoiled where there is none. */
function replace(name: string, at: string, { variables, problems }: Replacing): string {
  // Left as it is, it would be a secret that anybody can read in the file.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    problems.add(at, "expected ${NAME}, a variable of letters, digits and _");
    return "";
  }
  const value = readVariable(name, variables, problems);
  if (value !== undefined) return value;
  if (problems.isFaulty(`${name}_FILE`)) problems.spoil(at);
  else problems.add(at, `the variable ${name} is not set`);
  return "";
}
