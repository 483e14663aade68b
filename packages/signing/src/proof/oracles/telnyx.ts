import { generateKeyPairSync, sign } from "node:crypto";
import { type Oracle, passes } from "../oracle.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const secret = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");

export const oracle: Oracle = {
  providers: ["telnyx"],
  library: "telnyx",
  secrets: [secret],
  signer: ({ timestamp, url, body }) => {
    const signature = sign(null, Buffer.concat([Buffer.from(`${timestamp}|`), body]), privateKey);
    const headers = {
      "telnyx-signature-ed25519": signature.toString("base64"),
      "telnyx-timestamp": String(timestamp),
    };
    return Promise.resolve({ method: "POST", url, headers, body });
  },
  // The library reads the clock, so the sample's time has to be the present.
  verify: async ({ headers, body }) => {
    const { default: Telnyx } = await import("telnyx");
    const { webhooks } = new Telnyx({ apiKey: "none", publicKey: secret });
    return passes(() => webhooks.unwrap(body.toString(), { headers: { ...headers } }));
  },
};
