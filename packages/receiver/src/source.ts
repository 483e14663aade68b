import {
  type PreparedProvider,
  prepareProvider,
  type Provider,
  type ProviderId,
  providers,
} from "@hooks/signing/providers";

/** A configured way in. */
export interface SourceOptions {
  /** Whose scheme the requests follow: a name, or a row of your own. */
  readonly provider: ProviderId | Provider;
  /** As the provider shows them; the old and the new one while a secret is being rotated. */
  readonly secrets: readonly string[];
  /** How far a request's timestamp may be off, in seconds. Default 300, as Standard Webhooks says. */
  readonly toleranceSeconds?: number;
  /** Default 1 MiB; at most 10 MiB. */
  readonly maxBodyBytes?: number;
}

/** A source, ready to verify. */
export interface Source {
  readonly name: string;
  readonly provider: string;
  readonly verify: PreparedProvider["verify"];
  readonly maxBodyBytes: number;
  readonly idHeader: string;
  /** A request without it is refused before its body is read. */
  readonly signatureHeader: string;
  /** Every header the provider's row names: what an event's signature is checked with, and what names the event. */
  readonly headers: readonly string[];
}

const nameForm = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
const largestBodyBytes = 10 * 1024 * 1024;

/**
 * Prepares a source; its keys are parsed once, here.
 * Throws `TypeError` that names the source: for a name or limit out of range, and for secrets that are not the provider's.
 */
export function prepareSource(name: string, options: SourceOptions): Source {
  const { provider, maxBodyBytes = 1024 * 1024 } = options;
  if (!nameForm.test(name)) throw new TypeError(`Expected a source name like "billing", got "${name}"`);
  if (!(maxBodyBytes > 0 && maxBodyBytes <= largestBodyBytes)) {
    throw new TypeError(`Expected maxBodyBytes of ${name} from 1 to ${largestBodyBytes}`);
  }
  const prepared = prepareNamed(name, options);
  const row = typeof provider === "string" ? providers[provider] : provider;
  const standard = row.kind === "standard-webhooks";
  return {
    name,
    provider: row.id,
    verify: (request) => prepared.verify(request),
    maxBodyBytes,
    idHeader: standard ? row.headers.id : row.event.id.header,
    signatureHeader: standard ? row.headers.signature : row.signature.header,
    headers: headersOf(row),
  };
}

function headersOf(row: Provider): readonly string[] {
  if (row.kind === "standard-webhooks") return Object.values(row.headers);
  const { signature, timestamp, event } = row;
  const named = [signature, timestamp, event.id, event.type];
  return named.flatMap((one) => (one === undefined ? [] : [one.header]));
}

function prepareNamed(
  name: string,
  { provider, secrets, toleranceSeconds }: SourceOptions,
): PreparedProvider {
  try {
    return prepareProvider(provider, { secrets, toleranceSeconds });
  } catch (cause) {
    throw new TypeError(`Source ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
