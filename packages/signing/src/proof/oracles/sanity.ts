import type { Oracle } from "../oracle.ts";

const secret = "sanity_secret";

export const oracle: Oracle = {
  providers: ["sanity"],
  library: "@sanity/webhook",
  secrets: [secret],
  sign: async ({ timestamp, url, body }) => {
    const { encodeSignatureHeader } = await import("@sanity/webhook");
    const signature = await encodeSignatureHeader(body.toString(), timestamp * 1000, secret);
    return { method: "POST", url, headers: { "sanity-webhook-signature": signature }, body };
  },
  verify: async ({ headers, body }) => {
    const { isValidSignature } = await import("@sanity/webhook");
    return isValidSignature(body.toString(), headers["sanity-webhook-signature"] ?? "", secret);
  },
};
