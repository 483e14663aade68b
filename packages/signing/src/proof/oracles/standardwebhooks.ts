import { type Oracle, passes } from "../oracle.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export const oracle: Oracle = {
  providers: ["standard-webhooks"],
  library: "standardwebhooks",
  secrets: [secret],
  sign: async ({ id, timestamp, url, body }) => {
    const { Webhook } = await import("standardwebhooks");
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": new Webhook(secret).sign(id, new Date(timestamp * 1000), body.toString()),
    };
    return { method: "POST", url, headers, body };
  },
  verify: async ({ headers, body }) => {
    const { Webhook } = await import("standardwebhooks");
    return passes(() => new Webhook(secret).verify(body.toString(), headers));
  },
};
