import { createHeaderReader } from "../headers.ts";
import type { HandshakeRequest, HandshakeSource } from "./handshake.ts";

/** No handshake is longer; what is longer is an event and is not parsed here. */
const maxBodyBytes = 16_384;
const maxUrlLength = 8_192;

/** Reads single values of a request: `undefined` where there is none, `null` where there are several. */
export interface SourceReader {
  read(source: HandshakeSource): unknown;
}

/** Makes a reader that parses the URL and the body at most once, and only when asked. */
export function createSourceReader({ url, headers, body }: HandshakeRequest): SourceReader {
  const query = lazy(() => queryOf(url));
  const text = lazy(() => textOf(body));
  const form = lazy(() => new URLSearchParams(text()));
  const json = lazy(() => jsonOf(text()));
  return {
    read: (source) => {
      switch (source.from) {
        case "header":
          return createHeaderReader([source.name]).read(headers)[0];
        case "query":
          return only(query().getAll(source.name));
        case "form":
          return only(form().getAll(source.name));
        case "body":
          return valueAt(json(), source.path);
      }
    },
  };
}

function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

function only(values: readonly string[]): string | undefined | null {
  return values.length > 1 ? null : values[0];
}

function queryOf(url: string): URLSearchParams {
  const start = url.length <= maxUrlLength ? url.indexOf("?") : -1;
  const end = url.indexOf("#");
  return new URLSearchParams(start < 0 ? "" : url.slice(start + 1, end < start ? undefined : end));
}

function textOf(body: Uint8Array): string {
  if (body.length > maxBodyBytes) return "";
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return "";
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Own members only: a path never reaches a prototype. */
function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
