import { type Oracle, passes } from "../oracle.ts";

const secret = "whsec_test_secret";

export const oracle: Oracle = {
  providers: ["stripe"],
  library: "stripe",
  secrets: [secret],
  sign: async ({ timestamp, url, body }) => {
    const { default: Stripe } = await import("stripe");
    const signature = new Stripe("sk_test_1").webhooks.generateTestHeaderString({
      payload: body.toString(),
      secret,
      timestamp,
    });
    return { method: "POST", url, headers: { "stripe-signature": signature }, body };
  },
  verify: async ({ headers, body }) => {
    const { default: Stripe } = await import("stripe");
    return passes(() =>
      new Stripe("sk_test_1").webhooks.constructEvent(body, headers["stripe-signature"] ?? "", secret),
    );
  },
};
