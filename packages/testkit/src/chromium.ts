import { createTemporaryFolder } from "./temporary-folder.ts";
import { startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { requireServer } from "./require-server.ts";
import { until } from "./until.ts";

/** A private headless browser with an empty profile. */
export interface Chromium {
  /** Where the DevTools protocol is spoken, such as for playwright's `connectOverCDP`. */
  readonly url: string;
  /** Ends it and removes its profile. */
  stop(): Promise<void>;
}

/** Starts a private Chromium. It has no sandbox where it must run as root, so show it only pages of your own. */
export async function startChromium(): Promise<Chromium> {
  const folder = createTemporaryFolder("hooks-chromium");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await startChild(requireServer("chromium"), [
    "--headless=new",
    `--remote-debugging-port=${port}`,
    `--user-data-dir=${folder.path}`,
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "about:blank",
  ]);
  const stop = async () => {
    child.signal("SIGKILL");
    await child.exited;
    folder.remove();
  };
  try {
    await until(async () => (await fetch(`${url}/json/version`)).ok, { what: "Chromium", timeoutMs: 60_000 });
  } catch (cause) {
    await stop();
    throw new Error(`Chromium did not start: ${child.output().slice(-500)}`, { cause });
  }
  return { url, stop };
}
