import type { Oracle } from "../oracle.ts";

const secret = "pdl_ntfset_01_secret";

export const oracle: Oracle = {
  providers: ["paddle"],
  library: "@paddle/paddle-node-sdk",
  secrets: [secret],
  verify: async ({ headers, body }) => {
    const { Paddle } = await import("@paddle/paddle-node-sdk");
    const { webhooks } = new Paddle("key");
    return webhooks.isSignatureValid(body.toString(), secret, headers["paddle-signature"] ?? "");
  },
};
