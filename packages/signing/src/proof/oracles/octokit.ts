import type { Oracle } from "../oracle.ts";

const secret = "It's a Secret to Everybody";

export const oracle: Oracle = {
  providers: ["github"],
  library: "@octokit/webhooks-methods",
  secrets: [secret],
  sign: async ({ id, url, body }) => {
    const { sign } = await import("@octokit/webhooks-methods");
    const signature = await sign(secret, body.toString());
    const headers = {
      "x-hub-signature-256": signature,
      "x-github-delivery": id,
      "x-github-event": "push",
    };
    return { method: "POST", url, headers, body };
  },
  verify: async ({ headers, body }) => {
    const { verify } = await import("@octokit/webhooks-methods");
    return verify(secret, body.toString(), headers["x-hub-signature-256"] ?? "");
  },
};
