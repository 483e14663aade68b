import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own, and the function that removes it with everything in it. */
export function createTemporaryFolder(name = "hooks"): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}
