import standalone from "ajv/dist/standalone/index.js";
import { compile } from "../compile.ts";
import { sensitivePointers } from "../normalise/sensitive.ts";
import type { Openness } from "../normalise/validator-schema.ts";
import type { Major } from "../project.ts";
import { header } from "./files.ts";

const textLength = 'require("ajv/dist/runtime/ucs2length").default';

/** The module of one validator: plain code without `eval`, importing only what stands beside it. */
export function renderValidator(name: string, major: Major, openness: Openness): string {
  const { ajv, check } = compile(major.schema, openness);
  const generated = standalone.default(ajv, check);
  const entry = /export const validate = (\w+);/.exec(generated)?.[1];
  const code = generated
    .replace(/^"use strict";\n?/, "")
    .replace(/export const validate = \w+;/, "")
    .replace(/export default \w+;/, "")
    .replaceAll(textLength, "textLength")
    .trim();
  if (entry === undefined || /\brequire\(|new Function|\beval\b/.test(code))
    throw new Error(`The validator of ${major.file} needs more than generated code may import.`);
  return `${header(name)}// @ts-nocheck
import type { Row } from "../runtime/row.ts";
${importOf("formats", "formats", code)}${importOf("textLength", "text-length", code)}
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

function importOf(symbol: string, file: string, code: string): string {
  return new RegExp(`\\b${symbol}\\b`).test(code)
    ? `import { ${symbol} } from "../runtime/${file}.ts";\n`
    : "";
}
