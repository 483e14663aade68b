import { generateKeyPairSync, sign } from "node:crypto";
import { createRequire } from "node:module";
import { type Oracle, passes } from "../oracle.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const secret = publicKey.export({ format: "der", type: "spki" }).toString("base64");

/** What is used of the library, which has no types of its own. */
interface SendGrid {
  readonly EventWebhook: new () => {
    convertPublicKeyToECDSA(key: string): object;
    verifySignature(key: object, payload: Buffer, signature: string, timestamp: string): boolean;
  };
}

export const oracle: Oracle = {
  providers: ["sendgrid"],
  library: "@sendgrid/eventwebhook",
  secrets: [secret],
  body: Buffer.from('[{"email":"hello@example.com","event":"dropped","sg_event_id":"ZHJvcC0x"}]\r\n'),
  signer: ({ timestamp, url, body }) => {
    const signature = sign("sha256", Buffer.concat([Buffer.from(String(timestamp)), body]), privateKey);
    const headers = {
      "x-twilio-email-event-webhook-signature": signature.toString("base64"),
      "x-twilio-email-event-webhook-timestamp": String(timestamp),
    };
    return Promise.resolve({ method: "POST", url, headers, body });
  },
  verify: async ({ headers, body }) => {
    const { EventWebhook } = createRequire(import.meta.url)("@sendgrid/eventwebhook") as SendGrid;
    const webhook = new EventWebhook();
    let isValid = false;
    const isRead = await passes(() => {
      isValid = webhook.verifySignature(
        webhook.convertPublicKeyToECDSA(secret),
        body,
        headers["x-twilio-email-event-webhook-signature"] ?? "",
        headers["x-twilio-email-event-webhook-timestamp"] ?? "",
      );
    });
    return isRead && isValid;
  },
};
