import { transformSync } from "oxc-transform";
import { refusal } from "../problem.ts";
import type { Files } from "./files.ts";

/** Modules nobody imports but the package itself, so their types need no file. */
const inner = /^migrations\/|^(?:open|closed)\.ts$/;

/** Compiles generated TypeScript to ESM JavaScript and its declarations; what is no TypeScript stays as it is. */
export function compileTypeScript(files: Files): Files {
  const compiled = new Map<string, string>();
  for (const [file, text] of files) {
    if (!file.endsWith(".ts")) {
      compiled.set(file, text);
      continue;
    }
    const path = file.slice(0, -".ts".length);
    const { code, declaration } = compileModule(file, text);
    compiled.set(`${path}.js`, code);
    if (declaration !== undefined) compiled.set(`${path}.d.ts`, declaration);
  }
  return compiled;
}

function compileModule(
  file: string,
  text: string,
): { readonly code: string; readonly declaration?: string | undefined } {
  const { code, declaration, errors } = transformSync(file, text, {
    lang: "ts",
    sourceType: "module",
    typescript: {
      rewriteImportExtensions: "rewrite",
      ...(inner.test(file) ? {} : { declaration: {} }),
    },
  });
  const [error] = errors;
  if (error !== undefined) {
    const message = `It cannot be compiled: ${error.message}`;
    throw refusal({ code: "invalid_typescript", file, message });
  }
  return { code, declaration: declaration?.replaceAll(/(\bfrom "\.{1,2}\/[^"]+)\.ts"/g, '$1.js"') };
}
