import type { Oracle } from "../oracle.ts";

const secret = "shopify_app_secret";

export const oracle: Oracle = {
  providers: ["shopify"],
  library: "@shopify/shopify-api",
  secrets: [secret],
  verify: async ({ method, url, headers, body }) => {
    await import("@shopify/shopify-api/adapters/web-api");
    const { ApiVersion, LogSeverity, shopifyApi } = await import("@shopify/shopify-api");
    const { webhooks } = shopifyApi({
      apiKey: "key",
      apiSecretKey: secret,
      apiVersion: ApiVersion.July26,
      hostName: "example.com",
      isEmbeddedApp: false,
      logger: { level: LogSeverity.Error },
    });
    const rawRequest = new Request(url, { method, headers: { ...named, ...headers } });
    return (await webhooks.validate({ rawBody: body.toString(), rawRequest })).valid;
  },
};

/** The library wants these to be there, though none is signed. */
const named = {
  "x-shopify-topic": "orders/create",
  "x-shopify-shop-domain": "example.myshopify.com",
  "x-shopify-api-version": "2026-07",
  "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
};
