import {
  type PreparedProvider,
  prepareProvider,
  type PrepareProviderOptions,
  type Provider,
  type ProviderId,
} from "@hooks/signing/providers";
import { createAddressList } from "./address-list.ts";
import type { ContractCheckOptions } from "./contract-check.ts";
import type { Acknowledgement } from "./core/receipt.ts";

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
  /**
   * What stands before the path in the URL that the provider was given, such as `https://hooks.example.com`; some sign it.
   * Default: that of all sources, else what trusted proxies or the request say.
   */
  readonly publicUrl?: string | undefined;
  /** Address ranges that requests may come from (`192.0.2.0/24`, `2001:db8::/32`). Default: any. */
  readonly allowFrom?: readonly string[] | undefined;
  /**
   * `false` lets everybody in: a request that does not verify, or comes from another address than `allowFrom` says, is
   * reported and accepted all the same, with `hooks-unverified: CODE` among its headers. Its id is then made of its body, so
   * that it never takes the place of a verified event. Default `true`.
   */
  readonly enforce?: boolean | undefined;
  /** Takes bodies with `Content-Encoding: gzip` too; what is verified, stored and forwarded is what they unpack to. Default `false`. */
  readonly decompress?: boolean | undefined;
  /** Holds verified events against the contracts of whoever sends them. Default: whatever comes is taken. */
  readonly contracts?: ContractCheckOptions | undefined;
}

/** A source, ready to verify. */
export interface Source extends Pick<PreparedProvider, "verify" | "handshake"> {
  readonly name: string;
  readonly provider: string;
  readonly maxBodyBytes: number;
  /** Of Standard Webhooks: a request with a wrong id is told so. */
  readonly idHeader: string | undefined;
  /** A request with none of them is refused before its body is read; empty where no header has the signature. */
  readonly credentialHeaders: readonly string[];
  /** What an event's signature is checked with, and what names the event. */
  readonly headers: readonly string[];
  /** `POST`, and what the provider's questions are asked with. */
  readonly methods: readonly string[];
  /** Whether a question of the provider's may come unsigned, and by POST. */
  readonly isAskedUnsigned: boolean;
  /** Whether a verified request may be such a question. */
  readonly isAskedSigned: boolean;
  readonly publicUrl: string | undefined;
  readonly isAllowedFrom: ((address: string) => boolean) | undefined;
  readonly enforce: boolean;
  readonly decompress: boolean;
  readonly acknowledge: Acknowledgement | undefined;
  /** What the provider wants to see instead of 401. */
  readonly rejectStatus: number | undefined;
  readonly fetchKey: SourceOptions["fetchKey"];
  readonly contracts: ContractCheckOptions | undefined;
}

const nameForm = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
const largestBodyBytes = 10 * 1024 * 1024;

/**
 * Prepares a source; its keys are parsed once, here.
 * Throws `TypeError` that names the source: for a name, limit, range or URL that is none, and for secrets that are not the
 * provider's.
 */
export function prepareSource(name: string, options: SourceOptions): Source {
  const { maxBodyBytes = 1024 * 1024, enforce = true, decompress = false } = options;
  if (!nameForm.test(name)) throw new TypeError(`Expected a source name like "billing", got "${name}"`);
  if (!(maxBodyBytes > 0 && maxBodyBytes <= largestBodyBytes)) {
    throw new TypeError(`Expected maxBodyBytes of ${name} from 1 to ${largestBodyBytes}`);
  }
  const { prepared, publicUrl, isAllowedFrom } = named(name, () => ({
    prepared: prepareSecrets(options),
    publicUrl: parsePublicUrl(options.publicUrl),
    isAllowedFrom: options.allowFrom && createAddressList(options.allowFrom),
  }));
  const { row } = prepared;
  const handshakes = row.handshakes ?? [];
  const { status, body, rejectStatus } = row.acknowledge ?? {};
  return {
    ...prepared,
    name,
    provider: row.id,
    maxBodyBytes,
    idHeader: row.kind === "standard-webhooks" ? row.headers.id : undefined,
    methods: [...new Set(["POST", ...handshakes.flatMap(({ methods }) => methods)])],
    isAskedUnsigned: handshakes.some(
      ({ stage, methods }) => stage === "unverified" && methods.includes("POST"),
    ),
    isAskedSigned: handshakes.some(({ stage }) => stage === "verified"),
    publicUrl,
    isAllowedFrom,
    enforce,
    decompress,
    acknowledge: status === undefined && body === undefined ? undefined : { status, body },
    rejectStatus,
    fetchKey: options.fetchKey,
    contracts: options.contracts,
  };
}

/** Without a secret every request would be refused, as if that were a fault of today. */
function prepareSecrets(options: SourceOptions): PreparedProvider {
  const prepared = prepareProvider(options.provider, options);
  const isAwaited = options.settings?.["awaitSecret"] === "true";
  if (options.secrets.length > 0 || prepared.row.hasNoSecrets === true || isAwaited) return prepared;
  throw new TypeError("Expected at least one secret, got none");
}

/** A public URL as it is put before paths; `undefined` stays so. @throws TypeError for what is none. */
export function parsePublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[!-"$->@-~]*)?$/.test(text)) {
    throw new TypeError(`Expected a public URL such as https://hooks.example.com, got "${text}"`);
  }
  return text.replace(/\/$/, "");
}

function named<Value>(name: string, prepare: () => Value): Value {
  try {
    return prepare();
  } catch (cause) {
    throw new TypeError(`Source ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** @throws TypeError for handlers of a source that there is not. */
export function checkSourceHandlers(options: {
  readonly sources: Readonly<Record<string, unknown>>;
  readonly sourceHandlers?: Readonly<Record<string, unknown>>;
}): void {
  for (const name of Object.keys(options.sourceHandlers ?? {}))
    if (!Object.hasOwn(options.sources, name))
      throw new TypeError(`Handlers for ${name}, which is no source`);
}
