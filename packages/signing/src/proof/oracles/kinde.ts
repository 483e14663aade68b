import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import type { Oracle } from "../oracle.ts";

const issuer = "https://example.kinde.com";
const kid = "2a:e0:6f:4f";

let made: ReturnType<typeof makeKey> | undefined;

function makeKey() {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const set = { keys: [{ ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" }] };
  return { privateKey, set: JSON.stringify(set) };
}

/** Kinde's key, for as long as this runs. */
function kinde() {
  made ??= makeKey();
  return made;
}

export const oracle: Oracle = {
  providers: ["kinde"],
  library: "@kinde/webhooks",
  secrets: [],
  settings: { issuer },
  fetchKey: () => Promise.resolve(kinde().set),
  signer: async ({ id, url, body }) => {
    const token = await new SignJWT({
      event_id: id,
      type: "user.created",
      data: JSON.parse(body.toString()) as object,
    })
      .setProtectedHeader({ alg: "RS256", kid })
      .sign(kinde().privateKey);
    return { method: "POST", url, headers: { "content-type": "application/jwt" }, body: Buffer.from(token) };
  },
  // The library fetches the key set by itself: meanwhile the network is this.
  verify: async ({ body }) => {
    const { decodeWebhook } = await import("@kinde/webhooks");
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.resolve(new Response(kinde().set));
    try {
      return (await decodeWebhook(body.toString(), issuer)) !== null;
    } finally {
      globalThis.fetch = fetch;
    }
  },
};
