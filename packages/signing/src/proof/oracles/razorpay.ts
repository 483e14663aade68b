import type { Oracle } from "../oracle.ts";

const secret = "razorpay_secret";

export const oracle: Oracle = {
  providers: ["razorpay"],
  library: "razorpay",
  secrets: [secret],
  verify: async ({ headers, body }) => {
    const { default: Razorpay } = await import("razorpay");
    const signature = headers["x-razorpay-signature"] ?? "";
    return Razorpay.validateWebhookSignature(body.toString(), signature, secret);
  },
};
