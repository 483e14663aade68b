import type { Provider } from "./row.ts";

/** The providers known by name. */
export type ProviderId = "standard-webhooks" | "github";

/** One row a provider. */
export const providers: Readonly<Record<ProviderId, Provider>> = {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  "standard-webhooks": {
    kind: "standard-webhooks",
    id: "standard-webhooks",
    name: "Standard Webhooks",
    headers: { id: "webhook-id", timestamp: "webhook-timestamp", signature: "webhook-signature" },
  },
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
  github: {
    kind: "hmac",
    id: "github",
    name: "GitHub",
    digest: "sha256",
    secret: "utf8",
    signature: { header: "x-hub-signature-256", prefix: "sha256=", encoding: "hex" },
    message: [{ from: "body" }],
    event: { id: { header: "x-github-delivery" }, type: { header: "x-github-event" } },
  },
};
