import { type Oracle, passes } from "../oracle.ts";

const secret = "gocardless_secret";

export const oracle: Oracle = {
  providers: ["gocardless"],
  library: "gocardless-nodejs",
  secrets: [secret],
  verify: async ({ headers, body }) => {
    const { verifySignature } = await import("gocardless-nodejs/webhooks");
    return passes(() => verifySignature(body, secret, headers["webhook-signature"] ?? ""));
  },
};
