import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { SourceConfig } from "./source-config.ts";

/** Adds a secret that a provider said to its source's `secretsFrom`; rejects when it cannot be kept. */
export function createSecretKeeper(
  sources: Readonly<Record<string, Pick<SourceConfig, "secretsFrom">>>,
): (source: string, secret: string) => Promise<void> {
  return async (source, secret) => {
    const path = sources[source]?.secretsFrom;
    if (path === undefined) throw new Error(`The source ${source} has no secretsFrom`);
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${secret}\n`, { mode: 0o600 });
  };
}
