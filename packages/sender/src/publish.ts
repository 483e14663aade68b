import { hash } from "node:crypto";
import type { Contracts } from "./contracts.ts";
import { parseTimestamp } from "./core/timestamp.ts";
import { SenderError } from "./errors.ts";
import type { Ids } from "./ids.ts";
import { checkMembersKnown, type MembersOf } from "./members.ts";
import type { RenderEvent, RenderInput } from "./render.ts";
import { splitEnvelope, type EnvelopeHead } from "./render/envelope.ts";
import type { NewEvent } from "./store.ts";

/** What is published. The contract of `type` decides what `data` may be. */
export interface EventInput {
  readonly type: string;
  readonly data: unknown;
  /** The resource it is about, such as `inv_123`; events of one subject are numbered. At most 256 characters. */
  readonly subject?: string;
  /** Only this subscriber's endpoints get it. Left out, everybody's do; `undefined` is refused, as it may be a mistake. */
  readonly subscriber?: string;
  /** Makes publishing repeatable: the same id is kept once. `[A-Za-z0-9_-]`, at most 64. Default: a new `evt_…`. */
  readonly id?: string;
  /** When it happened. Default: now. */
  readonly timestamp?: Date | string;
  /** Default: the newest version of the contract. */
  readonly version?: string;
  /** Default: the source of the contracts. */
  readonly source?: string;
  /** Makes publishing repeatable without an id: within 24 h the same key is the same event. At most 255 characters. */
  readonly idempotencyKey?: string;
}

export interface PrepareOptions {
  readonly contracts: Contracts;
  readonly newId: Ids;
  readonly nowMs: number;
  readonly render: (event: RenderInput) => RenderEvent;
}

/** The most that `data` may have as JSON. */
const MAX_DATA_BYTES = 256 * 1_024;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Validates an event against its contract and makes it ready to be kept. Throws a `SenderError` when it is refused. */
export function prepareEvent(
  input: EventInput,
  { contracts, newId, nowMs, render }: PrepareOptions,
): NewEvent {
  checkMembers(input);
  const version = checkContract(input, contracts);
  const { subject, subscriber, idempotencyKey } = input;
  const head: EnvelopeHead = {
    id: input.id ?? newId("evt"),
    type: input.type,
    version,
    timestamp: input.timestamp === undefined ? textOfTime(nowMs) : timestampOf(input.timestamp),
    source: input.source ?? contracts.source,
    ...(subject === undefined ? {} : { subject }),
  };
  const dataJson = jsonOf(input.data);
  if (Buffer.byteLength(dataJson) > MAX_DATA_BYTES) {
    throw new SenderError("payload_too_large", `The data of an event has at most ${MAX_DATA_BYTES} bytes`);
  }
  const digest = digestOf(head, dataJson, input);
  return {
    id: head.id,
    isFresh: input.id === undefined,
    type: head.type,
    version,
    source: head.source,
    digest,
    envelope: splitEnvelope(head, dataJson),
    render: render({ head, dataJson }),
    ...(subject === undefined ? {} : { subject }),
    ...(subscriber === undefined ? {} : { subscriber }),
    ...(idempotencyKey === undefined ? {} : { idempotency: { key: `event ${idempotencyKey}`, digest } }),
  };
}

const MEMBERS: MembersOf<EventInput> = {
  type: true,
  data: true,
  subject: true,
  subscriber: true,
  id: true,
  timestamp: true,
  version: true,
  source: true,
  idempotencyKey: true,
};

function checkMembers(input: EventInput): void {
  checkMembersKnown(input, MEMBERS);
  if ("subscriber" in input && typeof input.subscriber !== "string")
    refuse(
      "/subscriber",
      `Expected the id of a subscriber, or no such member for everybody, got ${String(input.subscriber)}`,
    );
  const { id, subject, idempotencyKey, source } = input;
  if (id !== undefined && !ID.test(id))
    refuse("/id", "Expected 1 to 64 characters of A-Z, a-z, 0-9, _ and -");
  if (subject !== undefined && !isName(subject)) refuse("/subject", NAME_EXPECTED);
  if (source !== undefined && !isName(source)) refuse("/source", NAME_EXPECTED);
  if (idempotencyKey !== undefined && (idempotencyKey === "" || idempotencyKey.length > 255)) {
    refuse("/idempotencyKey", "Expected 1 to 255 characters");
  }
}

const NAME_EXPECTED = "Expected 1 to 256 characters, none of them a control character or half of a pair";

function isName(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- Control characters are what is looked for.
  return text.length >= 1 && text.length <= 256 && text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text);
}

function checkContract({ type, version, data }: EventInput, contracts: Contracts): string {
  const validation = contracts.validateEvent({ type, version, data });
  if (validation.ok) return validation.version;
  const { code, issues } = validation;
  const messages = {
    unknown_event_type: `There is no contract for the event type ${shown(type)}`,
    unknown_version: `There is no version ${shown(version)} of ${shown(type)}`,
    schema_violation: `The data does not fit the contract of ${shown(type)}`,
  } as const;
  throw new SenderError(code, messages[code], { issues });
}

/** A name as it came, or its beginning: who takes it for something else may have put anything there. */
function shown(name: string | undefined): string {
  return JSON.stringify(name?.slice(0, 128)) ?? "none";
}

/** Contracts may let pass what is no JSON: a BigInt, a circle, more levels than fit the stack. */
function jsonOf(data: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch {
    json = undefined;
  }
  return json ?? refuse("/data", "Expected data that can be written as JSON");
}

function timestampOf(time: Date | string): string {
  const date = new Date(typeof time === "string" ? (parseTimestamp(time) ?? NaN) : time);
  const year = date.getUTCFullYear();
  const isRight = year >= 0 && year <= 9_999;
  if (!isRight) refuse("/timestamp", "Expected a date and time such as 2026-11-20T12:00:00Z");
  return date.toISOString();
}

let lastTime = { ms: Number.NaN, text: "" };

/** As text. Most events are published in the same millisecond as the one before. */
function textOfTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: timestampOf(new Date(ms)) };
  return lastTime.text;
}

/** What makes an event the same one. A timestamp counts only where it was given, or no repetition would ever match. */
function digestOf(head: EnvelopeHead, dataJson: string, { subscriber, timestamp }: EventInput): string {
  const given = timestamp === undefined ? null : head.timestamp;
  const rest = JSON.stringify([
    head.type,
    head.version,
    head.source,
    head.subject ?? null,
    subscriber ?? null,
    given,
  ]);
  return hash("sha256", rest + dataJson, "base64url");
}

function refuse(pointer: string, message: string): never {
  throw new SenderError("validation_failed", message, {
    issues: [{ pointer, code: "validation_failed", message }],
  });
}
