import type { Attested } from "./adapter.ts";
import { utf8Bytes } from "./bytes.ts";
import { type Found, type JsonPath, parsePath, scalarText, stringText, walk } from "./json-path.ts";
import type { Batch, Provider } from "./provider.ts";
import type { RequestView } from "./request-view.ts";
import { sha256Hex, type Steps } from "./steps.ts";
import { type MessagePart, parseTemplate } from "./template.ts";
import { createValueReader, joinParts, type ValueReader } from "./value-reader.ts";
import type { ValueSource } from "./value-source.ts";
import {
  type VerifiedItem,
  type VerifiedProviderEvent,
  verifiedProviderEvent,
} from "./verified-provider-event.ts";

/** Names the event of a request whose signature was checked. */
export type NameEvent = (view: RequestView, attested: Attested) => Steps<VerifiedProviderEvent>;

/** What to dedupe by: what the provider says, or always the content. */
export type DedupeBy = "provider" | "content";

/** Makes what names the events of a row. @throws TypeError for a path that is none. */
export function createNaming(row: Provider, dedupeBy: DedupeBy = "provider"): NameEvent {
  const ids = (dedupeBy === "content" ? [] : idSources(row)).map((source) => ({
    read: createValueReader(source),
    isCovered: createCoverage(row, source),
  }));
  const readType = row.event.type && createValueReader(row.event.type, stringText);
  const readAttempt = row.event.attempt && createValueReader(row.event.attempt);
  const readItems = row.batch && createItemReader(row.batch);
  const doesRepeat = row.event.repeats === true && dedupeBy === "provider";
  const contentId = (hash: string, { nowSeconds }: RequestView) =>
    doesRepeat ? `${hash}:${nowSeconds}` : hash;
  return function* name(view, attested) {
    const { body } = view;
    const found = dedupeBy === "content" ? undefined : findId(ids, view, attested);
    const id = found === undefined ? contentId(yield* sha256Hex(body), view) : yield* keyOf(found.text);
    const attempt = attemptOf(readAttempt?.(view, attested));
    const items = readItems && (yield* readItems(view, id));
    const named = {
      provider: row.id,
      id,
      idFrom: found === undefined ? "content" : "provider",
      idCovered: found?.isCovered ?? attested.covered === "signature",
      type: typeOf(attested.type ?? readType?.(view, attested)),
      timestamp: attested.timestamp,
      body,
    } as const;
    // Most have neither, and are not copied.
    if (attempt === undefined && items === undefined) return verifiedProviderEvent(named);
    return verifiedProviderEvent({
      ...named,
      ...(attempt === undefined ? {} : { attempt }),
      ...(items === undefined ? {} : { items }),
    });
  };
}

function idSources(row: Provider): readonly ValueSource[] {
  if (row.kind === "standard-webhooks") return [{ from: "header", name: row.headers.id }];
  return row.event.id ?? [];
}

interface IdSource {
  readonly read: ValueReader;
  readonly isCovered: (attested: Attested) => boolean;
}

function findId(sources: readonly IdSource[], view: RequestView, attested: Attested) {
  if (attested.id !== undefined && attested.id !== "") return { text: attested.id, isCovered: true };
  for (const { read, isCovered } of sources) {
    const text = read(view, attested);
    if (text !== undefined && text !== "") return { text, isCovered: isCovered(attested) };
  }
  return undefined;
}

/** Whether what stands at a source is part of what was signed. */
function createCoverage(row: Provider, source: ValueSource): (attested: Attested) => boolean {
  switch (source.from) {
    case "header": {
      const signed = signedHeaders(row);
      const isSigned = [source.name, ...(source.also ?? [])].every((name) => signed.includes(name));
      return () => isSigned;
    }
    case "query":
      return () => "message" in row && row.message.includes("{url");
    case "body":
    case "form":
      return ({ covered }) => covered === "signature";
    case "signature": {
      // The parameters of RFC 9421 are the last line of what is signed.
      const isTimestamp =
        "message" in row && row.timestamp?.from === "signature" && row.timestamp.name === source.name;
      return () => isTimestamp || row.kind === "http-message-signature";
    }
    case "claim":
      return () => true;
    case "all": {
      const parts = source.parts.map((part) => createCoverage(row, part));
      return (attested) => parts.every((isCovered) => isCovered(attested));
    }
  }
}

function signedHeaders(row: Provider): readonly string[] {
  if (row.kind === "standard-webhooks") return [row.headers.id, row.headers.timestamp];
  if (row.kind === "http-message-signature") return row.components;
  if (!("message" in row)) return [];
  const parts = parseTemplate(row.message);
  const isEdge = (part: MessagePart | undefined) =>
    part === undefined ||
    part.kind === "literal" ||
    (part.kind === "timestamp" && row.timestamp?.unit === "iso");
  // Beside text of any length, such as the body, characters of a header could be the neighbour's as well.
  const headers = parts.flatMap((part, index) =>
    part.kind === "header" && isEdge(parts[index - 1]) && isEdge(parts[index + 1]) ? [part.name] : [],
  );
  return row.timestamp?.from === "header" ? [...headers, row.timestamp.name] : headers;
}

const keyForm = /^[A-Za-z0-9_.:/=+@-]{1,128}$/;

/** A text that any store can have as a key: itself, or its hash. */
function* keyOf(text: string): Steps<string> {
  return keyForm.test(text) ? text : yield* sha256Hex(utf8Bytes(text));
}

/** Any other text is no type's name, and must not get into logs and metrics. */
function typeOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Za-z0-9_.:/-](?:[A-Za-z0-9_.:/ -]{0,126}[A-Za-z0-9_.:/-])?$/.test(text)
    ? text
    : undefined;
}

function attemptOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

function createItemReader({ items, id = [], type }: Batch) {
  const itemsPath = parsePath(items === "" ? "[*]" : `${items}[*]`);
  const idPaths = id.map(parsePath);
  const typePath = type === undefined ? undefined : parsePath(type);
  return function* readItems(view: RequestView, eventId: string): Steps<readonly VerifiedItem[]> {
    const read: VerifiedItem[] = [];
    for (const item of walk(view.json(), itemsPath)) {
      const parts = idPaths.map((path) => scalarAt(item, path));
      const isNamed = parts.some((part) => part !== undefined && part !== "");
      const named = isNamed ? joinParts(parts) : undefined;
      read.push({
        id: yield* keyOf(named ?? `${eventId}:${read.length}`),
        type: typePath && typeOf(stringText(walk(item.value, typePath)[0]?.value)),
        pointer: item.pointer,
      });
    }
    return read;
  };
}

function scalarAt({ value }: Found, path: JsonPath): string | undefined {
  return scalarText(walk(value, path)[0]?.value);
}
