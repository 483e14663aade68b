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
  return (request) => {
    const values = reader.read(request.headers);
    const twice = values.indexOf(null);
    if (twice >= 0) return refuse("malformed_header", `Expected the header ${names[twice]} exactly once.`);
    return new View(request, (name) => values[names.indexOf(name)] ?? undefined);
  };
}

/** What a part of a request was read as; none of them is read before it is asked for. */
interface Read<Value> {
  readonly value: Value;
}

/** A class, because every request has one: functions of its own for each would cost more than most of them do. */
class View implements RequestView {
  readonly ok = true;
  readonly body: Uint8Array;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly nowSeconds: number;
  readonly header: RequestView["header"];
  #json: Read<unknown> | undefined;
  #form: Read<readonly FormField[] | undefined> | undefined;
  #url: Read<ReturnType<typeof parseRequestUrl>> | undefined;

  constructor({ body, method, url, nowSeconds }: AdapterRequest, header: RequestView["header"]) {
    this.body = body;
    this.method = method;
    this.url = url;
    this.nowSeconds = nowSeconds;
    this.header = header;
  }

  json(): unknown {
    this.#json ??= { value: parseJson(this.body) };
    return this.#json.value;
  }

  form(): readonly FormField[] | undefined {
    this.#form ??= { value: this.body.length > maxParsedBytes ? undefined : parseForm(this.body) };
    return this.#form.value;
  }

  formValue(name: string): string | undefined {
    return only(formValues(this.form() ?? [], name));
  }

  queryValue(name: string): string | undefined {
    this.#url ??= { value: parseRequestUrl(this.url) };
    const { value: url } = this.#url;
    return url && only(queryValues(url, name) ?? []);
  }
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
