import type { Finding, Inbox } from "@hooks/receiver";
import type { Config } from "./config.ts";
import { describeCauses } from "./describe-causes.ts";

export interface SelfCheckOptions {
  readonly config: Config;
  readonly inbox: Pick<Inbox, "selfCheck">;
  /** Such as `v24.18.0`. */
  readonly nodeVersion: string;
}

/** Whether the gateway may start, and one finding per line of its log. */
export interface SelfCheck {
  readonly mayStart: boolean;
  /** Whether the inbox has answered. */
  readonly isReached: boolean;
  readonly findings: readonly Finding[];
}

/** Looks at the store and the settings. An unsafe store is refused unless the configuration says `durability: relaxed`. */
export async function selfCheck({ config, inbox, nodeVersion }: SelfCheckOptions): Promise<SelfCheck> {
  const checked = await inbox.selfCheck().then(
    (store) => ({ isReached: true, store }),
    (error: unknown) => ({ isReached: false, store: [unreachable(error)] }),
  );
  const { isReached, store } = checked;
  const findings = [...store, ...checkNode(nodeVersion), ...checkConfig(config)];
  const unsafe = findings.some(({ level }) => level === "unsafe");
  return { findings, mayStart: !unsafe || config.durability === "relaxed", isReached };
}

function unreachable(error: unknown): Finding {
  const message = `The inbox cannot be reached, so it cannot be checked: ${describeCauses(error)}`;
  return { level: "unsafe", message };
}

function checkNode(version: string): Finding[] {
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  if (major > 24 || (major === 24 && minor >= 18)) return [{ level: "ok", message: `Node.js: ${version}` }];
  return [{ level: "warning", message: `Node.js: ${version}; security fixes since are in 24.18 and later` }];
}

function checkConfig(config: Config): Finding[] {
  const { sources, destinations, trustedProxies, allowCidrs, allowHttp, proxyUrl, durability } = config;
  const named = Object.entries(sources);
  const open = named.filter(([, { enforce }]) => !enforce).map(([name]) => name);
  const isBelieved = typeof trustedProxies === "number" && trustedProxies > 0;
  const idle = named.filter(([, { destinations }]) => destinations.length === 0);
  const used = new Set(named.flatMap(([, { destinations }]) => destinations));
  const unused = Object.keys(destinations).filter((name) => !used.has(name));
  const warnings = [
    ...(Object.keys(sources).length === 0
      ? ["No sources are configured: every request will be refused"]
      : []),
    ...idle.map(([name]) => `The source ${name} has no destinations: its events wait in the inbox`),
    ...unused.map((name) => `The destination ${name} is of no source: nothing goes there`),
    ...(open.length > 0 ? [`Anybody can put events into ${open.join(", ")}: enforce is false`] : []),
    ...(isBelieved ? [`${trustedProxies} proxies are trusted: nobody else may reach this port`] : []),
    ...(allowCidrs.length > 0 ? [`Destinations may be reached in ${allowCidrs.join(", ")}`] : []),
    ...(proxyUrl === undefined
      ? []
      : [
          `Destinations are reached through ${new URL(proxyUrl).host}, which has to refuse private addresses`,
        ]),
    ...(allowHttp ? ["Destinations may be reached over plain HTTP"] : []),
    ...(durability === "relaxed" ? ["durability: relaxed: acknowledged events may be lost in a crash"] : []),
  ];
  return warnings.map((message) => ({ level: "warning", message }));
}
