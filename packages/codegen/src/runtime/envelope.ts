import { isDateTime } from "./format-times.ts";
import { createIssue, type ContractIssue } from "./issue.ts";
import { describeValue } from "./received.ts";

/** How every event looks on the wire; `data` is what the contract of its type describes. */
export interface Envelope {
  /** The same on every attempt; equals the `webhook-id` header. */
  readonly id: string;
  readonly type: string;
  /** Semantic version of the contract `data` follows. */
  readonly version: string;
  /** When it happened, RFC 3339 (the header `webhook-timestamp` tells when it was sent). */
  readonly timestamp: string;
  readonly source: string;
  /** The resource the event is about, and the key of its order. */
  readonly subject?: string;
  /** Counts per source and subject, so that a gap shows. */
  readonly sequence?: number;
  readonly data: unknown;
}

interface Member {
  readonly name: keyof Envelope;
  readonly expected: string;
  readonly optional?: true;
  readonly holds: (value: unknown) => boolean;
}

const semver = /^(0|[1-9]\d*)\.\d+\.\d+$/;

const members: readonly Member[] = [
  { name: "id", expected: "a non-empty string", holds: isText },
  { name: "type", expected: "a non-empty string", holds: isText },
  { name: "version", expected: "a version such as 1.2.0", holds: isVersion },
  { name: "timestamp", expected: "an RFC 3339 date-time with offset", holds: isTimestamp },
  { name: "source", expected: "a non-empty string", holds: isText },
  { name: "subject", expected: "a non-empty string", optional: true, holds: isText },
  { name: "sequence", expected: "an integer ≥ 0", optional: true, holds: isSequence },
  { name: "data", expected: "an object", holds: isRecord },
];

/**
 * Whether `input` has every member of an envelope; members it does not know are fine. Written out, because walking
 * the table takes twice as long; the table tells what is wrong.
 */
export function isEnvelope(input: unknown): input is Envelope {
  return (
    isRecord(input) &&
    isText(input["id"]) &&
    isText(input["type"]) &&
    isVersion(input["version"]) &&
    isTimestamp(input["timestamp"]) &&
    isText(input["source"]) &&
    (input["subject"] === undefined || isText(input["subject"])) &&
    (input["sequence"] === undefined || isSequence(input["sequence"])) &&
    isRecord(input["data"])
  );
}

/** What is wrong with an envelope, in the order of its members. */
export function envelopeIssues(input: unknown): readonly ContractIssue[] {
  if (!isRecord(input)) return [problem({ name: "", expected: "an object" }, input)];
  return members
    .filter((member) => !holds(member, input))
    .map((member) => problem(member, input[member.name]));
}

function holds(member: Member, input: Readonly<Record<string, unknown>>): boolean {
  const value = input[member.name];
  return value === undefined ? member.optional === true : member.holds(value);
}

function problem(
  member: { readonly name: string; readonly expected: string },
  value: unknown,
): ContractIssue {
  return createIssue({
    code: value === undefined ? "missing_member" : "invalid_member",
    pointer: member.name === "" ? "" : `/${member.name}`,
    keyword: value === undefined ? "required" : "type",
    expected: member.expected,
    received: describeValue(value, member.name === "data"),
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isVersion(value: unknown): boolean {
  return isText(value) && semver.test(value);
}

function isTimestamp(value: unknown): boolean {
  return isText(value) && isDateTime(value);
}

function isSequence(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
