import type { JwkSet, PublishedKey } from "./jwk-set.ts";
import type { SchemeId } from "./scheme.ts";
import type { SigningKey, VerifyingKey } from "./sealed-key.ts";
import type { SignatureHeaders, SignOptions, TestHeadersOptions } from "./unsigned.ts";
import type { Verification, VerifyOptions } from "./request.ts";
import * as web from "./web.ts";

export { KeyError } from "./key-error.ts";
export { readJwks } from "./jwk-set.ts";
export type { Jwk, JwkSet, PublishedKey, ReadKey } from "./jwk-set.ts";
export type { SigningKey, VerifyingKey } from "./sealed-key.ts";
export type { Reason, Refusal } from "./reason.ts";
export type { RequestHeaders } from "./headers.ts";
export type { SchemeId } from "./scheme.ts";
export type { SignatureHeaders, SignOptions, TestHeadersOptions } from "./unsigned.ts";
export type { Instant } from "./time.ts";
export type { Verification, VerifyOptions } from "./request.ts";
export type { VerifiedEvent } from "./verified-event.ts";

/**
 * What a function gives where the resolver has not said where the code will run, as TypeScript's `bundler` resolution
 * does not: the variant for Node.js gives it at once, the one for WebCrypto later. `await` is right for both.
 */
export type Later<T> = T | Promise<T>;

/** See `@hooks/signing/web`. */
export const parseSigningKey: (secret: string) => Later<SigningKey> = web.parseSigningKey;

/** See `@hooks/signing/web`. */
export const parseVerifyingKey: (secret: string) => Later<VerifyingKey> = web.parseVerifyingKey;

/** See `@hooks/signing/web`. */
export const generateSecret: (scheme?: SchemeId) => Later<string> = web.generateSecret;

/** See `@hooks/signing/web`. */
export const publicKeyOf: (secret: string) => Later<string> = web.publicKeyOf;

/** See `@hooks/signing/web`. */
export const sign: (options: SignOptions) => Later<SignatureHeaders> = web.sign;

/** See `@hooks/signing/web`. */
export const generateTestHeaders: (options: TestHeadersOptions) => Later<SignatureHeaders> =
  web.generateTestHeaders;

/** See `@hooks/signing/web`. */
export const verify: (options: VerifyOptions) => Later<Verification> = web.verify;

/** See `@hooks/signing/web`. */
export const createJwks: (keys: readonly PublishedKey[]) => Later<JwkSet> = web.createJwks;
