import type { Dictionary, InnerList, Item, Parameters } from "structured-headers";
import type * as StructuredHeaders from "structured-headers";
import type { RequestHeaders } from "../headers.ts";
import { defaultPorts, parseRequestUrl, queryValues, type RequestUrl, splitRest } from "./request-url.ts";

/** A request as its signature sees it. */
export interface SignedRequest {
  readonly headers: RequestHeaders;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** Builds signature bases, with the package that reads structured fields. */
export interface SignatureBase {
  readonly library: typeof StructuredHeaders;
  readonly request: SignedRequest;
}

const maxComponents = 50;

/**
 * The text that a signature is over (RFC 9421, section 2.5), or `undefined` when a component is not in the request, is
 * not of requests, is there twice, or has a parameter that is not understood (`sf`, `tr`, `req`).
 */
export function signatureBase({ library, request }: SignatureBase, input: InnerList): string | undefined {
  const [components] = input;
  if (components.length > maxComponents) return undefined;
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const component of components) {
    const identifier = library.serializeItem(component);
    const value = valueOf({ library, request }, component);
    if (value === undefined || seen.has(identifier)) return undefined;
    seen.add(identifier);
    lines.push(`${identifier}: ${value}`);
  }
  return [...lines, `"@signature-params": ${library.serializeInnerList(input)}`].join("\n");
}

/** Which components a signature covers: of those without parameters, the names. */
export function coveredNames([components]: InnerList): ReadonlySet<string> {
  return new Set(
    components.flatMap(([name, { size }]) => (typeof name === "string" && size === 0 ? [name] : [])),
  );
}

/** ASCII on one line: a line break in a value could pass for another component. */
function isPlain(value: string): boolean {
  return /^[\t -~]*$/.test(value);
}

function valueOf(base: SignatureBase, [name, parameters]: Item): string | undefined {
  if (typeof name !== "string") return undefined;
  return name.startsWith("@") ? derived(base.request, name, parameters) : field(base, name, parameters);
}

function derived({ method, url }: SignedRequest, name: string, parameters: Parameters): string | undefined {
  const target = parseRequestUrl(url);
  if (name === "@query-param") return target && queryParameter(target, parameters);
  if (parameters.size > 0) return undefined;
  if (name === "@method") return /^[A-Za-z]+$/.test(method ?? "") ? method?.toUpperCase() : undefined;
  return target && derivedOfUrl(target, name);
}

function derivedOfUrl(target: RequestUrl, name: string): string | undefined {
  const { scheme, host, port, rest } = target;
  const { path, query } = splitRest(target);
  const authority = host.toLowerCase() + (port === defaultPorts[scheme] ? "" : port);
  switch (name) {
    case "@authority":
      return authority;
    case "@scheme":
      return scheme;
    case "@target-uri":
      return `${scheme}://${authority}${rest.startsWith("/") ? rest : `/${rest}`}`;
    case "@request-target":
      return rest.startsWith("/") ? rest : `/${rest}`;
    case "@path":
      return path === "" ? "/" : path;
    case "@query":
      return query === "" ? "?" : query;
    default:
      return undefined;
  }
}

/** Section 2.2.8: one parameter of that name, decoded and encoded anew, a space as `%20`. */
function queryParameter(target: RequestUrl, parameters: Parameters): string | undefined {
  const encoded = parameters.get("name");
  if (typeof encoded !== "string" || parameters.size !== 1) return undefined;
  let name: string;
  try {
    name = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  const values = queryValues(target, name);
  return values?.length === 1 ? encodeParameter(values[0] ?? "") : undefined;
}

/** The percent-encode set of `application/x-www-form-urlencoded`: all but letters, digits and `*-._`. */
function encodeParameter(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const fieldName = /^[a-z0-9!#$%&'*+.^_`|~-]{1,256}$/;

function field(
  { library, request }: SignatureBase,
  name: string,
  parameters: Parameters,
): string | undefined {
  if (!fieldName.test(name)) return undefined;
  const values = fieldValues(request.headers, name);
  if (values.length === 0 || !values.every(isPlain)) return undefined;
  const joined = values.map((value) => value.trim()).join(", ");
  const [parameter, ...others] = parameters;
  if (parameter === undefined) return joined;
  if (others.length > 0 || parameter[0] !== "key" || typeof parameter[1] !== "string") return undefined;
  return dictionaryMember(library, joined, parameter[1]);
}

function dictionaryMember(library: typeof StructuredHeaders, text: string, key: string): string | undefined {
  try {
    const member = library.parseDictionary(text).get(key);
    if (member === undefined) return undefined;
    return library.isInnerList(member) ? library.serializeInnerList(member) : library.serializeItem(member);
  } catch {
    return undefined;
  }
}

/** All values of a header, in their order. */
function fieldValues(headers: RequestHeaders, name: string): readonly string[] {
  if (typeof headers.get === "function") {
    const value: unknown = headers.get(name);
    return typeof value === "string" ? [value] : [];
  }
  const found: string[] = [];
  for (const [key, value] of Object.entries(headers as Readonly<Record<string, unknown>>)) {
    if (key.toLowerCase() !== name) continue;
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (typeof one === "string") found.push(one);
    }
  }
  return found;
}

/** Parses a dictionary of structured fields (RFC 9651); `undefined` for what is none or too long. */
export function parseDictionary(
  library: typeof StructuredHeaders,
  text: string,
  maxLength = 8192,
): Dictionary | undefined {
  if (text.length > maxLength) return undefined;
  try {
    return library.parseDictionary(text);
  } catch {
    return undefined;
  }
}
