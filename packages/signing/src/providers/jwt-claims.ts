import { type Refusal, refuse } from "../reason.ts";
import type { JwtProvider } from "./provider.ts";

/** The claims of a token whose signature was verified. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the claims are held against. */
export interface ClaimContext {
  readonly row: Pick<JwtProvider, "name" | "claims" | "requires" | "toleranceSeconds">;
  readonly settings: Readonly<Record<string, string>>;
  readonly nowSeconds: number;
  /** Overrides the row's. */
  readonly toleranceSeconds?: number | undefined;
}

/** How far the sender's clock may be ahead or behind where the row does not say. */
const leewaySeconds = 300;

/** Checks who a token is from, who it is for, and when it is good. */
export function checkClaims(claims: Claims, context: ClaimContext): Refusal | undefined {
  return checkTimes(claims, context) ?? checkValues(claims, context);
}

/** Seconds of a claim of time; `undefined` when it is not there. */
export function claimedTime(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  return typeof value === "number" ? Math.floor(value) : undefined;
}

function checkTimes(claims: Claims, context: ClaimContext): Refusal | undefined {
  const { row, nowSeconds } = context;
  for (const name of ["iat", "exp", "nbf"] as const) {
    const value = claims[name];
    const isNeeded = name !== "nbf" && row.requires?.includes(name) === true;
    if (value === undefined && !isNeeded) continue;
    if (typeof value !== "number" || !(value >= 0 && value <= 999_999_999_999)) {
      return refuse("malformed_header", `Expected the token's ${name} as Unix seconds.`);
    }
  }
  const issuedAt = claimedTime(claims, "iat");
  const expiresAt = claimedTime(claims, "exp");
  const notBefore = claimedTime(claims, "nbf");
  const tolerance = context.toleranceSeconds ?? row.toleranceSeconds;
  const ahead = tolerance ?? leewaySeconds;
  if (issuedAt !== undefined && tolerance !== undefined && nowSeconds - issuedAt > tolerance) {
    return refuse("timestamp_too_old", `Signed ${nowSeconds - issuedAt} s ago; ${tolerance} s are allowed.`);
  }
  if (expiresAt !== undefined && nowSeconds > expiresAt) {
    return refuse(
      "timestamp_too_old",
      `The token expired ${nowSeconds - expiresAt} s ago. Check both clocks.`,
    );
  }
  const early = Math.max(issuedAt ?? 0, notBefore ?? 0) - nowSeconds;
  if (early > ahead) {
    return refuse("timestamp_in_future", `The token is good in ${early} s only. Check both clocks.`);
  }
  return undefined;
}

function checkValues(claims: Claims, { row, settings }: ClaimContext): Refusal | undefined {
  for (const [name, expected] of Object.entries(row.claims ?? {})) {
    const wanted = typeof expected === "string" ? expected : settings[expected.setting];
    if (wanted === undefined) continue;
    const given = claims[name];
    const isRight = Array.isArray(given) ? given.includes(wanted) : given === wanted;
    if (!isRight) {
      return refuse(
        "no_matching_key",
        `Expected the token's ${name} to be the one configured for ${row.name}.`,
      );
    }
  }
  return undefined;
}
