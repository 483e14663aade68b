import {
  verifyProvider,
  type FetchKey,
  type Provider,
  type ProviderVerification,
} from "@hooks/signing/providers";

/** A request and how it is verified: what a hypothesis changes. */
export interface Attempt {
  readonly provider: Provider;
  readonly secrets: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly toleranceSeconds?: number | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
  readonly url?: string | undefined;
  readonly method: string;
  readonly now?: Date | undefined;
  readonly fetchKey?: FetchKey | undefined;
}

/** Longer than any clock is off. */
const anyAge = 1e12;

/** Verifies. A secret or setting that the row does not take leaves nothing to verify with: `key_unavailable`. */
export async function tryAttempt(attempt: Attempt): Promise<ProviderVerification> {
  const { provider, ...options } = attempt;
  try {
    return await verifyProvider(provider, options);
  } catch (error) {
    const hint = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: "key_unavailable", hint };
  }
}

/** The same whatever its age: what is wrong with the signature must not hide behind the clock. */
export function tryWhenever(attempt: Attempt): Promise<ProviderVerification> {
  return tryAttempt({ ...attempt, toleranceSeconds: anyAge });
}
