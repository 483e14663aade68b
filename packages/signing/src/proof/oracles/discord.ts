import { generateKeyPairSync, sign } from "node:crypto";
import type { Oracle } from "../oracle.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const secret = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");

export const oracle: Oracle = {
  providers: ["discord"],
  library: "discord-interactions",
  secrets: [secret],
  signer: ({ timestamp, url, body }) => {
    const signature = sign(null, Buffer.concat([Buffer.from(String(timestamp)), body]), privateKey);
    const headers = {
      "x-signature-ed25519": signature.toString("hex"),
      "x-signature-timestamp": String(timestamp),
    };
    return Promise.resolve({ method: "POST", url, headers, body });
  },
  verify: async ({ headers, body }) => {
    const { verifyKey } = await import("discord-interactions");
    return verifyKey(
      body,
      headers["x-signature-ed25519"] ?? "",
      headers["x-signature-timestamp"] ?? "",
      secret,
    );
  },
};
