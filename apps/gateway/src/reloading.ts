import type { Config, ConfigResult } from "./config.ts";
import type { ConfigSource } from "./config-source.ts";
import type { Log } from "./log.ts";

export interface ReloadingOptions {
  readonly source: ConfigSource;
  readonly log: Log;
  /**
   * Goes over to a configuration, which holds since a time (Unix milliseconds); rejects, having changed nothing, when that is
   * not possible.
   */
  readonly apply: (config: Config, sinceMs: number) => Promise<void>;
}

/**
 * Reads the configuration again, one time after another. What is not right is said, and the one before stays: the log has
 * every problem at once. One without sources is not right either: it is that of a file which is being written.
 */
export function createReloading({ source, log, apply }: ReloadingOptions): () => Promise<void> {
  let last = Promise.resolve();
  const reload = async () => {
    // Before the file is read: what comes from then on may be for destinations of the next one.
    const sinceMs = Date.now();
    const loaded = refuseEmpty(source.load());
    if (!loaded.ok) {
      log.error({ problems: loaded.problems }, "the new configuration is not right, the old one stays");
      return;
    }
    try {
      await apply(loaded.config, sinceMs);
      log.info({ sources: Object.keys(loaded.config.sources) }, "configuration reloaded");
    } catch (error) {
      log.error({ error: String(error) }, "the new configuration cannot be used, the old one stays");
    }
  };
  return () => {
    last = last.then(reload);
    return last;
  };
}

/** Editors empty a file before they write it anew; a gateway that followed would refuse what it is sent meanwhile. */
function refuseEmpty(loaded: ConfigResult): ConfigResult {
  if (!loaded.ok || Object.keys(loaded.config.sources).length > 0) return loaded;
  const message = "config_without_sources: expected at least one source while the gateway runs, got none";
  return { ok: false, problems: [{ path: "sources", message }] };
}
