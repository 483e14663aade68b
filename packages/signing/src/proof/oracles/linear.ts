import { type Oracle, passes } from "../oracle.ts";

const secret = "lin_wh_secret";

export const oracle: Oracle = {
  providers: ["linear"],
  library: "@linear/sdk",
  secrets: [secret],
  // It is timed by its own clock, and gives 60 seconds.
  get body() {
    return Buffer.from(JSON.stringify({ type: "Issue", webhookTimestamp: Date.now() }));
  },
  verify: async ({ headers, body }) => {
    const { LinearWebhookClient } = await import("@linear/sdk/webhooks");
    return passes(() => new LinearWebhookClient(secret).verify(body, headers["linear-signature"] ?? ""));
  },
};
