import type { Oracle } from "../oracle.ts";

const secret = "8f742231b10e8888abcd99yyyzzz85a5";

export const oracle: Oracle = {
  providers: ["slack"],
  library: "@slack/bolt",
  secrets: [secret],
  verify: async ({ headers, body }) => {
    const { isValidSlackRequest } = await import("@slack/bolt");
    return isValidSlackRequest({
      signingSecret: secret,
      body: body.toString(),
      headers: {
        "x-slack-signature": headers["x-slack-signature"] ?? "",
        "x-slack-request-timestamp": Number(headers["x-slack-request-timestamp"]),
      },
    });
  },
};
