import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import type { Oracle } from "../oracle.ts";

const secret = "a signature secret of Vonage, 32+ long";

export const oracle: Oracle = {
  providers: ["vonage"],
  library: "@vonage/jwt",
  secrets: [secret],
  signer: async ({ id, timestamp, url, body }) => {
    const token = await new SignJWT({
      iss: "Vonage",
      iat: timestamp,
      jti: id,
      api_key: "abcd1234",
      payload_hash: createHash("sha256").update(body).digest("hex"),
    })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(Buffer.from(secret));
    return { method: "POST", url, headers: { authorization: `Bearer ${token}` }, body };
  },
  // The library checks the token; Vonage's documentation leaves the hash of the body to its user, as here.
  verify: async ({ headers, body }) => {
    const { verifySignature } = await import("@vonage/jwt");
    const token = headers["authorization"]?.replace(/^Bearer /, "") ?? "";
    if (!verifySignature(token, secret)) return false;
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as object;
    return (
      "payload_hash" in claims && claims.payload_hash === createHash("sha256").update(body).digest("hex")
    );
  },
};
