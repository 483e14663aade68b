import { type Oracle, passes } from "../oracle.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export const oracle: Oracle = {
  // Clerk and Vanta send through Svix, and their documentation says so: clerk.com/docs/reference/backend/verify-webhook,
  // developer.vanta.com/docs/webhooks.
  providers: ["svix", "clerk", "vanta"],
  library: "svix",
  secrets: [secret],
  sign: async ({ id, timestamp, url, body }) => {
    const { Webhook } = await import("svix");
    const headers = {
      "svix-id": id,
      "svix-timestamp": String(timestamp),
      "svix-signature": new Webhook(secret).sign(id, new Date(timestamp * 1000), body.toString()),
    };
    return { method: "POST", url, headers, body };
  },
  verify: async ({ headers, body }) => {
    const { Webhook } = await import("svix");
    return passes(() => new Webhook(secret).verify(body.toString(), headers));
  },
};
