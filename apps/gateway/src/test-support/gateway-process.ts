import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type App, freePort, spawnApp, type SpawnAppOptions, until } from "@hooks/testkit";

/** The gateway's program, as it was built. */
export const gatewayMain: string = join(import.meta.dirname, "../../dist/main.js");

/** Lets destinations be on this machine. */
export const loopback = { HOOKS_ALLOW_CIDRS: "127.0.0.0/8", HOOKS_ALLOW_HTTP: "true" } as const;

const readyWithinMs = 60_000;

export interface GatewayProcessOptions {
  /** Where its files are put. */
  readonly folder: string;
  /** What is in its configuration file. */
  readonly config: string;
  /** Default: a new SQLite file. */
  readonly inboxUrl?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly args?: readonly string[];
  /** Further variables. Default `loopback`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A gateway in a process of its own. */
export interface GatewayProcess {
  readonly app: App;
  readonly url: string;
  readonly port: number;
  /** Its configuration file. */
  readonly file: string;
}

/** Starts one and waits until all its processes take requests, also where others want the cores, too. The caller ends it. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { folder, config, port = await freePort(), args = [], env = loopback } = options;
  const { inboxUrl = `sqlite:${join(folder, `${port}.db`)}` } = options;
  const file = join(folder, `${port}.yaml`);
  writeFileSync(file, config);
  const url = `http://127.0.0.1:${port}`;
  const app = await startPatiently({
    main: gatewayMain,
    args,
    env: { ...env, HOOKS_CONFIG: file, PORT: String(port), INBOX_URL: inboxUrl },
    readyUrl: `${url}/healthz`,
    readyWithinMs,
  });
  // The first of several processes answers before the others do.
  await until(() => app.output().includes("listening on"), { timeoutMs: readyWithinMs });
  return { app, url, port, file };
}

/** It ends where its inbox takes seconds to answer; whoever looks after it begins it again then. */
async function startPatiently(options: SpawnAppOptions, triesLeft = 5): Promise<App> {
  try {
    return await spawnApp(options);
  } catch (error) {
    const isLate = /so it cannot be checked: .*(?:timed out|No answer within)/.test(String(error));
    if (!isLate || triesLeft === 0) throw error;
    return startPatiently(options, triesLeft - 1);
  }
}
