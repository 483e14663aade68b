import {
  type PreparedProvider,
  prepareProvider,
  type PrepareProviderOptions,
  type Provider,
  type ProviderId,
} from "@hooks/signing/providers";

/** A configured way in. */
export interface SourceOptions extends Pick<PrepareProviderOptions, "settings" | "fetchKey" | "dedupeBy"> {
  /** Whose scheme the requests follow: a name, or a row of your own. */
  readonly provider: ProviderId | Provider;
  /** As the provider shows them; the old and the new one while a secret is being rotated. */
  readonly secrets: readonly string[];
  /** How far a request's timestamp may be off, in seconds. Default: the provider's, mostly 300. */
  readonly toleranceSeconds?: number | undefined;
  /** Default 1 MiB; at most 10 MiB. */
  readonly maxBodyBytes?: number;
}

/** A source, ready to verify. */
export interface Source {
  readonly name: string;
  readonly provider: string;
  readonly verify: PreparedProvider["verify"];
  readonly maxBodyBytes: number;
  /** Of Standard Webhooks: a request with a wrong id is told so. */
  readonly idHeader: string | undefined;
  /** A request with none of them is refused before its body is read; empty where no header has the signature. */
  readonly credentialHeaders: readonly string[];
  /** What an event's signature is checked with, and what names the event. */
  readonly headers: readonly string[];
}

const nameForm = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
const largestBodyBytes = 10 * 1024 * 1024;

/**
 * Prepares a source; its keys are parsed once, here.
 * Throws `TypeError` that names the source: for a name or limit out of range, and for secrets that are not the provider's.
 */
export function prepareSource(name: string, options: SourceOptions): Source {
  const { maxBodyBytes = 1024 * 1024 } = options;
  if (!nameForm.test(name)) throw new TypeError(`Expected a source name like "billing", got "${name}"`);
  if (!(maxBodyBytes > 0 && maxBodyBytes <= largestBodyBytes)) {
    throw new TypeError(`Expected maxBodyBytes of ${name} from 1 to ${largestBodyBytes}`);
  }
  const prepared = prepareNamed(name, options);
  const { row, headers, credentialHeaders } = prepared;
  return {
    name,
    provider: row.id,
    verify: (request) => prepared.verify(request),
    maxBodyBytes,
    idHeader: row.kind === "standard-webhooks" ? row.headers.id : undefined,
    credentialHeaders,
    headers,
  };
}

function prepareNamed(name: string, { provider, ...options }: SourceOptions): PreparedProvider {
  try {
    return prepareProvider(provider, options);
  } catch (cause) {
    throw new TypeError(`Source ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Whose scheme each source follows. */
export function providersOf(sources: Readonly<Record<string, SourceOptions>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, { provider }]) => [
      name,
      typeof provider === "string" ? provider : provider.id,
    ]),
  );
}
