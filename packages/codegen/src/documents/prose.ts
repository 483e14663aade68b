import type { JsonObject } from "../json.ts";
import type { Catalog } from "./catalog.ts";

export const securityDescription =
  "Every request is signed as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com): compute the " +
  "HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}` over the raw bytes of the body with the secret of your " +
  "endpoint (`whsec_` and base64), compare it in constant time with each signature in `webhook-signature`, and refuse " +
  "a `webhook-timestamp` more than five minutes away.";

export function titleOf({ name }: Catalog): string {
  return `Webhooks of ${name}`;
}

export function isDeprecated(schema: JsonObject): boolean {
  return ["deprecated", "archived"].includes(String(schema["x-lifecycle"]));
}
