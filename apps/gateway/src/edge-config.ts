import { createAddressList, parsePublicUrl } from "@hooks/receiver";
import type { Reader } from "./config-reader.ts";

/** How requests reach the gateway. */
export interface EdgeConfig {
  /** What stands before the path in the URLs that providers were given. */
  readonly publicUrl: string | undefined;
  /** Ranges of our own proxies, or how many of them there are. */
  readonly trustedProxies: readonly string[] | number;
  /** The header in which they write where a request came from. */
  readonly forwardedHeader: "x-forwarded-for" | "forwarded";
}

export function readEdge(file: Reader): EdgeConfig {
  return {
    publicUrl: readPublicUrl(file),
    trustedProxies: readTrustedProxies(file),
    forwardedHeader: file.choice("forwardedHeader", ["x-forwarded-for", "forwarded"]) ?? "x-forwarded-for",
  };
}

function readTrustedProxies(file: Reader): readonly string[] | number {
  if (typeof file.value("trustedProxies") === "number") {
    return file.integer("trustedProxies", { min: 0, max: 10 }) ?? 0;
  }
  return readRanges(file, "trustedProxies") ?? [];
}

export function readPublicUrl(reader: Reader): string | undefined {
  return check(reader, "publicUrl", () => parsePublicUrl(reader.text("publicUrl")));
}

export function readRanges(reader: Reader, key: string): readonly string[] | undefined {
  if (reader.value(key) === undefined) return undefined;
  const ranges = reader.texts(key);
  check(reader, key, () => createAddressList(ranges));
  return ranges;
}

function check<Value>(reader: Reader, key: string, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    reader.problem(key, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
