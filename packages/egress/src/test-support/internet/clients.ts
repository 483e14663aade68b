import { get, type Agent } from "node:http";
import { RequestFilteringHttpAgent } from "request-filtering-agent";
import ssrfReqFilter from "ssrf-req-filter";
import { createEgress, type EgressOptions } from "../../index.ts";

/** Requests a URL once; gives a status, or what went wrong. */
export type Client = (url: string) => Promise<string>;

const TIMEOUT_MS = 20_000;

export const clients: Readonly<Record<string, () => Client>> = {
  egress: () => requestWith({}),
  "egress without reuse": () => requestWith({ maxRequestsPerSocket: 1 }),
  unguarded: () => getWith(() => undefined),
  "request-filtering-agent": () => getWith(() => new RequestFilteringHttpAgent()),
  "ssrf-req-filter": () => getWith((url) => ssrfReqFilter(url)),
};

function requestWith(options: EgressOptions): Client {
  const egress = createEgress({ allowHttp: true, dnsTimeoutMs: 4_000, ...options });
  return async (url) => {
    const result = await egress.request({ method: "GET", url, headers: {}, timeoutMs: TIMEOUT_MS });
    return result.kind === "response" ? String(result.status) : result.reason;
  };
}

function getWith(agentOf: (url: string) => Agent | undefined): Client {
  return (url) =>
    new Promise((resolve) => {
      try {
        const agent = agentOf(url);
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        get(url, { signal, ...(agent === undefined ? {} : { agent }) }, (response) => {
          response.resume().on("close", () => resolve(String(response.statusCode)));
        }).on("error", (error) => resolve(error.name));
      } catch (error) {
        resolve(error instanceof Error ? error.name : "refused");
      }
    });
}
