import { type Oracle, passes } from "../oracle.ts";

const secret = "workos_secret";

export const oracle: Oracle = {
  providers: ["workos"],
  library: "@workos-inc/node",
  secrets: [secret],
  sign: async ({ timestamp, url, body }) => {
    const { WorkOS } = await import("@workos-inc/node");
    const { webhooks } = new WorkOS("sk_test_1");
    const signature = await webhooks.computeSignature(timestamp * 1000, body.toString(), secret);
    const headers = { "workos-signature": `t=${timestamp * 1000}, v1=${signature}` };
    return { method: "POST", url, headers, body };
  },
  verify: async ({ headers, body }) => {
    const { WorkOS } = await import("@workos-inc/node");
    const { webhooks } = new WorkOS("sk_test_1");
    const sigHeader = headers["workos-signature"] ?? "";
    return passes(() => webhooks.verifyHeader({ payload: body.toString(), sigHeader, secret }));
  },
};
