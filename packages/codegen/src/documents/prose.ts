import { objectAt, type JsonObject } from "../json.ts";
import type { Catalog } from "./catalog.ts";

/** What the OpenAPI and the AsyncAPI document say of themselves. */
export const documentDescription =
  "What is sent to the endpoints of subscribers. The version is a digest of the contracts.";

export const securityDescription =
  "Every request is signed as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com): compute the " +
  "HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}` over the raw bytes of the body with the secret of your " +
  "endpoint (`whsec_` and base64), compare it in constant time with each signature in `webhook-signature`, and refuse " +
  "a `webhook-timestamp` more than five minutes away.";

export function titleOf({ name }: Catalog): string {
  return `Webhooks of ${name}`;
}

export function lifecycleOf({ "x-lifecycle": lifecycle }: JsonObject): string {
  return typeof lifecycle === "string" ? lifecycle : "stable";
}

export function isDeprecated(schema: JsonObject): boolean {
  return ["deprecated", "archived"].includes(lifecycleOf(schema));
}

/** When a contract goes and what to use instead, in sentences; `undefined` while it stays. */
export function deprecationText(schema: JsonObject): string | undefined {
  const { effective, removal, alternative } = objectAt(schema, "x-deprecation");
  if (!isDeprecated(schema) && schema["x-deprecation"] === undefined) return undefined;
  return [
    effective === undefined ? "Deprecated." : `Deprecated since ${dayOf(String(effective))}.`,
    removal === undefined ? "" : `It will be removed on ${dayOf(String(removal))}.`,
    alternative === undefined ? "" : `Use instead: ${String(alternative)}.`,
  ]
    .filter((text) => text !== "")
    .join(" ");
}

/** Where somebody says how to move on; only addresses that a reader may safely follow. */
export function deprecationLink(schema: JsonObject): string | undefined {
  const link = objectAt(schema, "x-deprecation")["documentation"];
  return typeof link === "string" && /^https?:\/\//i.test(link) ? link : undefined;
}

/** The day of a date or date-time; any other text as it is. */
function dayOf(date: string): string {
  return /^\d{4}-\d{2}-\d{2}(?=T|$)/.exec(date)?.[0] ?? date;
}
