import type { Files } from "./files.ts";

/** Of the code that packages share, the files that these generated ones import, directly or through each other. */
export function usedRuntime(generated: Files, runtime: Files): Files {
  const used = new Set<string>();
  for (const text of generated.values())
    for (const [, name = ""] of text.matchAll(/from "\.{1,2}\/runtime\/([\w-]+\.ts)"/g)) used.add(name);
  for (const file of used)
    for (const [, name = ""] of (runtime.get(file) ?? "").matchAll(/from "\.\/([\w-]+\.ts)"/g))
      used.add(name);
  return new Map([...runtime].filter(([file]) => used.has(file)));
}
