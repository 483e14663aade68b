import { type Oracle, passes } from "../oracle.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export const oracle: Oracle = {
  providers: ["resend"],
  library: "resend",
  secrets: [secret],
  verify: async ({ headers, body }) => {
    const { Resend } = await import("resend");
    return passes(() =>
      new Resend("re_1").webhooks.verify({
        payload: body.toString(),
        headers: {
          id: headers["svix-id"] ?? "",
          timestamp: headers["svix-timestamp"] ?? "",
          signature: headers["svix-signature"] ?? "",
        },
        webhookSecret: secret,
      }),
    );
  },
};
