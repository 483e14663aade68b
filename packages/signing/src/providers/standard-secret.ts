import type { StandardProvider } from "./provider.ts";

/** A provider's secret as the specification writes it. */
export function prefixedSecret({ secret: form }: StandardProvider, secret: string): string {
  if (form !== "bare" || typeof secret !== "string") return secret;
  const text = secret.replace(/^v1,/, "");
  return /^wh(?:sec|pk|sk)_/.test(text) ? text : `whsec_${text}`;
}
