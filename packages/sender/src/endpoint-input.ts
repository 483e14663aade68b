import { isClientCertificate } from "@hooks/egress";
import { parseSigningKey } from "@hooks/signing";
import { ORDERINGS } from "./core/ordering.ts";
import type { RateLimit } from "./core/rate-limit.ts";
import { isPattern, patternsOf } from "./core/subscription.ts";
import { majorsOf } from "./core/versions.ts";
import type { Contracts } from "./contracts.ts";
import type { EndpointInput } from "./endpoints.ts";
import { SenderError, type SenderErrorCode } from "./errors.ts";
import { parseHeaders } from "./headers.ts";
import { checkMembersKnown, type MembersOf, withoutUndefined } from "./members.ts";
import type { Transport } from "./transport.ts";

export interface InputContext {
  readonly transport: Pick<Transport, "checkUrl">;
  readonly contracts: Contracts;
}

const MAX_WAIT_MS = 7 * 24 * 60 * 60 * 1_000;

const MEMBERS: MembersOf<EndpointInput> = {
  url: true,
  description: true,
  eventTypes: true,
  headers: true,
  schedule: true,
  ordering: true,
  rateLimit: true,
  clientCertificate: true,
  versions: true,
  featureFlags: true,
};

/** What somebody wants an endpoint to be. Throws a `SenderError` naming the member that cannot be so. */
export function parseEndpointInput<T extends Partial<EndpointInput>>(
  input: T,
  { transport, contracts }: InputContext,
): T {
  checkMembersKnown(input, MEMBERS);
  if (input.url !== undefined) {
    const verdict = transport.checkUrl(input.url);
    if (!verdict.ok) refuse(verdict.code, "/url", verdict.message);
  }
  if (input.description !== undefined && input.description.length > 512) {
    refuse("validation_failed", "/description", "Expected at most 512 characters");
  }
  if (input.eventTypes !== undefined) checkEventTypes(input.eventTypes, contracts);
  if (input.schedule !== undefined) checkSchedule(input.schedule);
  if (input.ordering !== undefined && !ORDERINGS.includes(input.ordering))
    refuse("validation_failed", "/ordering", `Expected one of ${ORDERINGS.join(", ")}`);
  if (input.rateLimit !== undefined) checkRateLimit(input.rateLimit);
  if (input.clientCertificate !== undefined && !isClientCertificate(input.clientCertificate))
    refuse(
      "validation_failed",
      "/clientCertificate",
      "Expected a certificate and its key without a passphrase, as PEM",
    );
  if (input.versions !== undefined) checkVersions(input.versions, contracts);
  if (input.featureFlags !== undefined) checkFeatureFlags(input.featureFlags);
  return withoutUndefined({
    ...input,
    ...(input.headers === undefined ? {} : { headers: parseHeaders(input.headers) }),
  });
}

/** Throws a `SenderError` where one of them is not a type, or none of the contracts'. */
export function checkEventTypes(patterns: readonly string[], contracts: Contracts): void {
  if (patterns.length > 100) refuse("validation_failed", "/eventTypes", "Expected at most 100 event types");
  const known = new Set(Object.keys(contracts.eventTypes).flatMap(patternsOf));
  for (const [index, pattern] of patterns.entries()) {
    const pointer = `/eventTypes/${index}`;
    if (!isPattern(pattern))
      refuse("validation_failed", pointer, "Expected a type such as invoice.paid or invoice.*");
    if (!known.has(pattern)) refuse("unknown_event_type", pointer, `There is no contract for ${pattern}`);
  }
}

function checkVersions(versions: Readonly<Record<string, string>>, { eventTypes }: Contracts): void {
  for (const [type, major] of Object.entries(versions)) {
    const pointer = `/versions/${type.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const info = Object.hasOwn(eventTypes, type) ? eventTypes[type] : undefined;
    if (info === undefined) refuse("unknown_event_type", pointer, "There is no contract for that event type");
    const majors = majorsOf(info.versions);
    if (!majors.includes(major))
      refuse("unknown_version", pointer, `Expected a major of ${type}: ${majors.join(", ")}`);
  }
}

const FLAG = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

function checkFeatureFlags(flags: readonly string[]): void {
  if (flags.length > 50) refuse("validation_failed", "/featureFlags", "Expected at most 50 feature flags");
  for (const [index, flag] of flags.entries())
    if (!FLAG.test(flag) || flags.indexOf(flag) !== index)
      refuse("validation_failed", `/featureFlags/${index}`, "Expected different names such as beta-lines");
}

function checkSchedule(schedule: readonly number[]): void {
  const isValid =
    schedule.length >= 1 &&
    schedule.length <= 50 &&
    schedule[0] === 0 &&
    schedule.every((waitMs) => Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= MAX_WAIT_MS);
  if (!isValid)
    refuse(
      "validation_failed",
      "/schedule",
      "Expected 1 to 50 waits of 0 to 604800000 milliseconds, the first 0",
    );
}

function checkRateLimit({ perSecond, burst }: RateLimit): void {
  if (!(perSecond >= 0.001 && perSecond <= 10_000))
    refuse("validation_failed", "/rateLimit/perSecond", "Expected a number from 0.001 to 10000");
  if (!Number.isInteger(burst) || burst < 1 || burst > 10_000)
    refuse("validation_failed", "/rateLimit/burst", "Expected an integer from 1 to 10000");
}

/** A secret that can sign. Throws a `SenderError` that does not repeat it. */
export function parseSecret(secret: string): string {
  try {
    parseSigningKey(secret);
    return secret;
  } catch {
    return refuse(
      "invalid_secret",
      "/secret",
      "Expected whsec_ and 24 to 64 bytes in base64, or a whsk_ key",
    );
  }
}

function refuse(code: SenderErrorCode, pointer: string, message: string): never {
  throw new SenderError(code, message, { issues: [{ pointer, code, message }] });
}
