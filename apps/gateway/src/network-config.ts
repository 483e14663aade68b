import { createEgress, type Egress, type UrlCheck } from "@hooks/egress";
import type { Reader } from "./config-reader.ts";
import type { FindSetting, Setting } from "./setting.ts";

/** What HTTP destinations may be reached, and how. */
export interface NetworkConfig {
  readonly allowCidrs: readonly string[];
  readonly allowHttp: boolean;
  /** An HTTP proxy that HTTP destinations are reached through. */
  readonly proxyUrl: string | undefined;
}

interface Network {
  readonly network: NetworkConfig;
  /** Judges the URL of an HTTP destination as the relay will. It makes no connection. */
  readonly checkUrl: Egress["checkUrl"];
}

/** Reads it from the file, and from the environment, which goes over it. */
export function readNetwork(file: Reader, setting: FindSetting): Network {
  const cidrs = setting("allowCidrs", "HOOKS_ALLOW_CIDRS");
  const http = setting("allowHttp", "HOOKS_ALLOW_HTTP");
  const proxy = setting("proxyUrl", "HOOKS_PROXY_URL");
  const allowCidrs = readRanges(file.texts("allowCidrs"), cidrs);
  const allowHttp = readFlag(file.flag("allowHttp") ?? false, http);
  const proxyUrl = readProxyUrl(file.text("proxyUrl"), proxy);
  // A setting that cannot be read might have allowed what is refused without it.
  const egress = createEgress({ allowCidrs, allowHttp: allowHttp || http.isFaulty() });
  const isExcused = ({ code }: Extract<UrlCheck, { ok: false }>) =>
    cidrs.isFaulty() && (code === "blocked_address" || code === "blocked_host");
  return {
    network: { allowCidrs, allowHttp, proxyUrl },
    checkUrl: (text) => {
      const check = egress.checkUrl(text);
      return check.ok || !isExcused(check) ? check : { ok: true, url: new URL(text) };
    },
  };
}

function readRanges(fromFile: readonly string[], cidrs: Setting): readonly string[] {
  const allowCidrs = cidrs.given?.split(",").map((cidr) => cidr.trim()) ?? fromFile;
  try {
    createEgress({ allowCidrs });
    return allowCidrs;
  } catch (error) {
    cidrs.problem(error instanceof Error ? error.message : String(error));
    return [];
  }
}

function readFlag(fromFile: boolean, http: Setting): boolean {
  if (http.given === undefined) return fromFile;
  if (!/^(?:true|false|1|0)$/.test(http.given)) http.problem("expected true or false");
  return http.given === "true" || http.given === "1";
}

/** What is no proxy's URL is not repeated: a password may be in it. */
function readProxyUrl(fromFile: string | undefined, proxy: Setting): string | undefined {
  const proxyUrl = proxy.given ?? fromFile;
  try {
    createEgress({ proxyUrl });
    return proxyUrl;
  } catch {
    proxy.problem("expected http://host:port or https://host:port");
    return undefined;
  }
}
