import { generateKeyPairSync, sign } from "node:crypto";
import { createRequire } from "node:module";
import { type Oracle, passes } from "../oracle.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (publicKey.export({ format: "pem", type: "spki" }) as string).replaceAll("\n", "");
const document = { key: pem, algorithm: "ECDSA", digest: "SHA1" };

/** What is used of the library, which has no types of its own. */
interface EbayClient {
  getPublicKey: (keyId: string) => Promise<typeof document>;
}
interface EbayValidator {
  validateSignature(message: unknown, header: string, config: object): Promise<boolean>;
}

export const oracle: Oracle = {
  providers: ["ebay"],
  library: "event-notification-nodejs-sdk",
  secrets: ["client-secret"],
  settings: { clientId: "client-id" },
  fetchKey: ({ url }) =>
    Promise.resolve(JSON.stringify(url.endsWith("/token") ? { access_token: "t" } : document)),
  // The library verifies what it serialises anew, so the body is JSON as `JSON.stringify` writes it.
  body: Buffer.from(
    JSON.stringify({ metadata: { topic: "é" }, notification: { notificationId: "49feeaeb" } }),
  ),
  signer: ({ url, body }) => {
    const signature = sign("sha1", body, privateKey).toString("base64");
    const value = { alg: "ECDSA", kid: "9936261a-7d7b-4621-a0f1-964b1e4f2c8b", signature, digest: "SHA1" };
    const headers = { "x-ebay-signature": Buffer.from(JSON.stringify(value)).toString("base64") };
    return Promise.resolve({ method: "POST", url, headers, body });
  },
  verify: async ({ headers, body }) => {
    const require = createRequire(import.meta.url);
    const client = require("event-notification-nodejs-sdk/lib/client") as EbayClient;
    const validator = require("event-notification-nodejs-sdk/lib/validator") as EbayValidator;
    // eBay's API is somebody else's server.
    client.getPublicKey = () => Promise.resolve(document);
    let isValid = false;
    const isRead = await passes(async () => {
      isValid = await validator.validateSignature(
        JSON.parse(body.toString()),
        headers["x-ebay-signature"] ?? "",
        {},
      );
    });
    return isRead && isValid;
  },
};
