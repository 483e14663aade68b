import type { JsonObject } from "../json.ts";
import { compileTypeScript } from "./compile-typescript.ts";
import { formatJson, type Files } from "./files.ts";

const surfaces = ["index", "producer", "events", "fixtures", "migrations"];

export interface PackageOptions {
  readonly name: string;
  /** `package.json` as it is: its version stays, and so does what generating says nothing about. */
  readonly manifest?: JsonObject | undefined;
}

/**
 * Makes an installable package of generated sources: they are compiled into `dist/`, and `package.json`,
 * `tsconfig.json` (for compiling the sources again) and a README come beside them.
 */
export function renderPackage({ name, manifest = {} }: PackageOptions, sources: Files): Files {
  const compiled = [...compileTypeScript(code(sources))].map(
    ([file, text]) => [`dist/${file}`, text] as const,
  );
  const files = new Map([
    ...sources,
    ...compiled,
    ["package.json", formatJson(manifestOf(name, manifest))] as const,
    ["tsconfig.json", formatJson(tsconfig)] as const,
    ["README.md", readme(name)] as const,
  ]);
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The schemas are read where they are; the catalogue is part of the code. */
function code(sources: Files): Files {
  return new Map([...sources].filter(([file]) => !file.startsWith("schemas/")));
}

function manifestOf(name: string, before: JsonObject): unknown {
  const entries = surfaces.map((surface) => [
    surface === "index" ? "." : `./${surface}`,
    { types: `./dist/${surface}.d.ts`, default: `./dist/${surface}.js` },
  ]);
  const { name: _name, version, description, ...rest } = before;
  const made = {
    name,
    version: typeof version === "string" ? version : "0.0.0",
    description: description ?? "Typed, validated webhook events generated from JSON Schema",
    files: ["dist", "schemas", "catalog.json"],
    type: "module",
    sideEffects: false,
    exports: {
      ...Object.fromEntries(entries),
      "./catalog.json": "./catalog.json",
      "./schemas/*": "./schemas/*",
      "./package.json": "./package.json",
    },
    engines: { node: ">=20.19" },
  };
  return { ...made, ...Object.fromEntries(Object.entries(rest).filter(([member]) => !(member in made))) };
}

const tsconfig = {
  compilerOptions: {
    target: "es2024",
    lib: ["es2024", "dom"],
    module: "nodenext",
    types: [],
    strict: true,
    verbatimModuleSyntax: true,
    resolveJsonModule: true,
    rewriteRelativeImportExtensions: true,
    declaration: true,
    skipLibCheck: true,
    rootDir: ".",
    outDir: "dist",
  },
  exclude: ["dist"],
};

function readme(name: string): string {
  return `# ${name}

Webhook events as types and validators, generated from JSON Schema by \`@hooks/codegen\`. Do not edit: change a schema
and generate again.

\`\`\`ts
import { parseEvent } from "${name}";

const parsed = parseEvent(JSON.parse(body));
if (parsed.ok) console.log(parsed.event.type, parsed.event.data);
else console.error(parsed.code, parsed.issues);
\`\`\`

\`${name}/producer\` has \`build\` and \`validateEvent\`, \`${name}/events\` each contract by itself, \`${name}/fixtures\`
examples, \`${name}/migrations\` converters between versions, and \`${name}/catalog.json\` and \`${name}/schemas/\` the
contracts as JSON.

To publish it, set its version in \`package.json\` (\`npm version minor\`), and whatever else a package says of itself, such
as \`license\`: generating again leaves that alone.
`;
}
