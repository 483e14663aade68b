import type { Attested } from "./adapter.ts";
import { onlyValue, parsePath, scalarText } from "./json-path.ts";
import type { RequestView } from "./request-view.ts";
import type { ValueSource } from "./value-source.ts";

/** Reads one value of a request; `undefined` when it is not there, or there more than once. */
export type ValueReader = (
  view: RequestView,
  attested: Pick<Attested, "claims" | "fields">,
) => string | undefined;

/**
 * Makes a reader of the value that stands at a source. `textOf` says what of JSON is a value. @throws TypeError for a path
 * that is none.
 */
export function createValueReader(source: ValueSource, textOf = scalarText): ValueReader {
  switch (source.from) {
    case "header": {
      const names = [source.name, ...(source.also ?? [])];
      return (view) => firstOf(names, (name) => view.header(name));
    }
    case "body": {
      const path = parsePath(source.path);
      return (view) => textOf(onlyValue(view.json(), path));
    }
    case "query":
      return (view) => view.queryValue(source.name);
    case "form":
      return (view) => view.formValue(source.name);
    case "signature":
      return (_, { fields = {} }) => (Object.hasOwn(fields, source.name) ? fields[source.name] : undefined);
    case "claim":
      return (_, { claims = {} }) =>
        Object.hasOwn(claims, source.name) ? textOf(claims[source.name]) : undefined;
    case "all": {
      const readers = source.parts.map((part) => createValueReader(part, textOf));
      return (view, attested) => {
        const values = readers.map((read) => read(view, attested));
        return joinParts(values);
      };
    }
  }
}

/**
 * Joins by colons what only together names something; `undefined` when a part is missing. A colon in any part but the last
 * is escaped, so that no other parts have the same name.
 */
export function joinParts(parts: readonly (string | undefined)[]): string | undefined {
  if (parts.includes(undefined)) return undefined;
  const last = parts.length - 1;
  return parts.map((part = "", index) => (index < last ? escapeColons(part) : part)).join(":");
}

function escapeColons(text: string): string {
  return text.replaceAll("%", "%25").replaceAll(":", "%3A");
}

function firstOf<Name, Value>(names: readonly Name[], read: (name: Name) => Value | undefined) {
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The headers that a source may need. */
export function sourceHeaders(source: ValueSource | undefined): readonly string[] {
  if (source?.from === "header") return [source.name, ...(source.also ?? [])];
  return source?.from === "all" ? source.parts.flatMap(sourceHeaders) : [];
}
