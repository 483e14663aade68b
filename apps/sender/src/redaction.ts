import { hiddenText, type Json, type JsonObject, redact } from "@hooks/codegen";
import { type Contracts, type EventRecord, schemaOf } from "@hooks/sender";

/** Something of an event that was rendered in a version. */
type Rendered = Pick<EventRecord, "type" | "version" | "body">;

/** Shorter values are in every text. */
const MIN_FOUND = 3;

/**
 * The envelope that receivers get, without what its contract marks as sensitive. Of a type or version that the contracts
 * no longer have nobody can tell, so all its data is hidden.
 */
export function shownEnvelope(event: Rendered, contracts: Contracts): JsonObject {
  const envelope = envelopeOf(event);
  return { ...envelope, data: shownData(event, envelope.data, contracts) };
}

/** What an endpoint answered, unless it sent back something sensitive of the event that it got. */
export function shownResponse(response: string, event: Rendered, contracts: Contracts): string {
  const { data } = envelopeOf(event);
  const hidden = hiddenValues(data, shownData(event, data, contracts));
  const isFound = hidden.some((text) => [text, JSON.stringify(text).slice(1, -1)].some(isIn(response)));
  return isFound ? hiddenText : response;
}

function isIn(text: string): (part: string) => boolean {
  return (part) => part.length >= MIN_FOUND && text.includes(part);
}

interface Envelope extends JsonObject {
  readonly data: Json;
}

function envelopeOf({ body }: Rendered): Envelope {
  // The record's body is an envelope that the sender rendered.
  return JSON.parse(new TextDecoder().decode(body)) as Envelope;
}

function shownData({ type, version }: Rendered, data: Json, { eventTypes }: Contracts): Json {
  const info = eventTypes[type];
  const schema = info === undefined ? undefined : schemaOf(info, version);
  // Contracts bring a JSON Schema; one that is `true` marks nothing, but does not occur.
  return typeof schema === "object" && schema !== null ? redact(data, schema as JsonObject) : hiddenText;
}

/** The texts and numbers of a value that are not in what is shown of it. */
function hiddenValues(value: Json, shown: Json | undefined): readonly string[] {
  if (typeof value === "string" || typeof value === "number") return value === shown ? [] : [String(value)];
  if (typeof value !== "object" || value === null) return [];
  const beside = typeof shown === "object" && shown !== null ? (shown as JsonObject) : {};
  return Object.entries(value).flatMap(([name, inner]: [string, Json]) =>
    hiddenValues(inner, Object.hasOwn(beside, name) ? beside[name] : undefined),
  );
}
