import standalone from "ajv/dist/standalone/index.js";
import { compile } from "../compile.ts";
import { sensitivePointers } from "../normalise/sensitive.ts";
import type { Openness } from "../normalise/validator-schema.ts";
import type { Major } from "../project.ts";
import { header } from "./files.ts";

/** Where in the schema an error comes from: nobody reads it, and it is a fifth of the code. */
const schemaPath = /,schemaPath:"(?:[^"\\]|\\.)*"/g;
const counter = /const (func\d+) = require\("ajv\/dist\/runtime\/ucs2length"\)\.default;/g;

/** The module of one validator: plain code without `eval`, importing only what stands beside it. */
export function renderValidator(name: string, major: Major, openness: Openness): string {
  const { ajv, check } = compile(major.schema, openness);
  const generated = standalone.default(ajv, check);
  const entry = /export const validate = (\w+);/.exec(generated)?.[1];
  const code = withoutCounter(generated)
    .replaceAll(schemaPath, "")
    .replace(/^"use strict";\n?/, "")
    .replace(/export const validate = \w+;/, "")
    .replace(/export default \w+;/, "")
    .trim();
  if (entry === undefined || /\brequire\(|new Function|\beval\b/.test(code))
    throw new Error(`The validator of ${major.file} needs more than generated code may import.`);
  return `${header(name)}// @ts-nocheck
import type { Row } from "../runtime/row.ts";
${imports(code)}
export const row: Row = {
  version: ${JSON.stringify(major.version)},
  prefix: ${JSON.stringify(`${major.major}.`)},
  versions: ${JSON.stringify(major.versions)},
  check: ${entry},
  sensitive: ${JSON.stringify(sensitivePointers(major.schema))},
};

${code}
`;
}

/** Comparing a length seldom needs counting, so the comparison is handed over as a whole. */
function withoutCounter(code: string): string {
  const names = [...code.matchAll(counter)].map(([, name = ""]) => name);
  const bare = code.replaceAll(counter, "");
  return names.reduce(
    (text, name) =>
      text
        .replaceAll(new RegExp(`\\b${name}\\((\\w+)\\) > (\\d+)`, "g"), "isLonger($1, $2)")
        .replaceAll(new RegExp(`\\b${name}\\((\\w+)\\) < (\\d+)`, "g"), "isShorter($1, $2)"),
    bare,
  );
}

const runtime = [
  { file: "formats", symbols: ["formats"] },
  { file: "short-pattern", symbols: ["shortPattern"] },
  { file: "text-length", symbols: ["isLonger", "isShorter"] },
];

function imports(code: string): string {
  const used = runtime.map(({ file, symbols }) => ({
    file,
    symbols: symbols.filter((symbol) => new RegExp(`\\b${symbol}\\b`).test(code)),
  }));
  return used
    .filter(({ symbols }) => symbols.length > 0)
    .map(({ file, symbols }) => `import { ${symbols.join(", ")} } from "../runtime/${file}.ts";\n`)
    .join("");
}
