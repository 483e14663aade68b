import { createHeaderReader } from "../headers.ts";
import { type Refusal, refuse } from "../reason.ts";
import type { AdapterRequest } from "./adapter.ts";
import { type FormField, formValues, parseForm } from "./form.ts";
import { parseRequestUrl, queryValues } from "./request-url.ts";

/** A request, read at most once and only as far as it is asked for. */
export interface RequestView {
  readonly ok: true;
  readonly body: Uint8Array;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly nowSeconds: number;
  /** A header that the view was made for. */
  header(name: string): string | undefined;
  /** The parsed body; `undefined` when it is no JSON in UTF-8. */
  json(): unknown;
  /** The body's fields, one character a byte; `undefined` when it is no form. */
  form(): readonly FormField[] | undefined;
  /** The only value of a field; `undefined` when there is none, or several. */
  formValue(name: string): string | undefined;
  /** The only value of a parameter; `undefined` when there is none, or several. */
  queryValue(name: string): string | undefined;
}

/** Larger bodies are not parsed. Receivers take no larger ones. */
const maxParsedBytes = 10 * 1024 * 1024;

/** Makes views that see the headers of those names (lower-case), each of which may be there once. */
export function createViewer(names: readonly string[]): (request: AdapterRequest) => RequestView | Refusal {
  const reader = createHeaderReader(names);
  return ({ headers, body, method, url, nowSeconds }) => {
    const values = reader.read(headers);
    const twice = values.indexOf(null);
    if (twice >= 0) return refuse("malformed_header", `Expected the header ${names[twice]} exactly once.`);
    const json = lazy(() => parseJson(body));
    const form = lazy(() => (body.length > maxParsedBytes ? undefined : parseForm(body)));
    const parsedUrl = lazy(() => parseRequestUrl(url));
    return {
      ok: true,
      body,
      method,
      url,
      nowSeconds,
      header: (name) => values[names.indexOf(name)] ?? undefined,
      json,
      form,
      formValue: (name) => only(formValues(form() ?? [], name)),
      queryValue: (name) => {
        const read = parsedUrl();
        return read && only(queryValues(read, name) ?? []);
      },
    };
  };
}

function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

function only(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parseJson(body: Uint8Array): unknown {
  if (body.length > maxParsedBytes) return undefined;
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    // Not UTF-8, not JSON, or nested deeper than the stack.
    return undefined;
  }
}
