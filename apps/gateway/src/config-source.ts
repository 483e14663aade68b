import { readFileSync, type Stats, unwatchFile, watchFile } from "node:fs";
import { type ConfigResult, loadConfig } from "./config.ts";

/** Where the configuration comes from: the environment, and the files that it and they name. */
export interface ConfigSource {
  load(): ConfigResult;
  /** Calls back when a file that was read last has changed; gives how to end that. */
  watch(onChange: () => void): () => void;
}

/** Leaves out a byte order mark, and refuses what would be another secret than the one that was meant. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Looking is cheap, and works where files are replaced by links, as in mounted secrets. */
const lookEveryMs = 500;
/** Whoever writes one file may be about to write another. */
const settleMs = 100;

export function createConfigSource(env: Readonly<Record<string, string | undefined>>): ConfigSource {
  const files = new Set<string>();
  let watchFiles: (() => void) | undefined;
  return {
    load: () => {
      const result = loadConfig({
        env,
        readFile: (path) => {
          files.add(path);
          return utf8.decode(readFileSync(path));
        },
      });
      watchFiles?.();
      return result;
    },
    watch: (onChange) => {
      const watched = new Set<string>();
      let timer: NodeJS.Timeout | undefined;
      const changed = (now: Stats, before: Stats) => {
        if (now.mtimeMs === before.mtimeMs && now.size === before.size && now.ino === before.ino) return;
        clearTimeout(timer);
        timer = setTimeout(onChange, settleMs);
      };
      watchFiles = () => {
        for (const path of files) {
          if (!watched.has(path)) watchFile(path, { interval: lookEveryMs, persistent: false }, changed);
          watched.add(path);
        }
      };
      watchFiles();
      return () => {
        watchFiles = undefined;
        clearTimeout(timer);
        for (const path of watched) unwatchFile(path, changed);
      };
    },
  };
}
