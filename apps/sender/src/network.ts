import type { Config } from "./config.ts";

/** What deliveries may reach besides public https addresses, a line each. Nobody's password is in them. */
export function describeNetwork({
  allowCidrs,
  allowHttp,
  proxyUrl,
}: Pick<Config, "allowCidrs" | "allowHttp" | "proxyUrl">): readonly string[] {
  return [
    ...(allowCidrs.length > 0 ? [`endpoints may be reached in ${allowCidrs.join(", ")}`] : []),
    ...(allowHttp ? ["endpoints may be reached over plain HTTP"] : []),
    ...(proxyUrl === undefined
      ? []
      : [`endpoints are reached through ${new URL(proxyUrl).host}, which has to refuse private addresses`]),
  ];
}
