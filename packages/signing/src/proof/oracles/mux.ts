import { type Oracle, passes } from "../oracle.ts";

const secret = "mux_secret";

export const oracle: Oracle = {
  providers: ["mux"],
  library: "@mux/mux-node",
  secrets: [secret],
  verify: async ({ headers, body }) => {
    const { default: Mux } = await import("@mux/mux-node");
    const { webhooks } = new Mux({ tokenId: "id", tokenSecret: "secret" });
    return passes(() => webhooks.verifySignature(body.toString(), headers, secret));
  },
};
