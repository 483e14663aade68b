import { createRequire } from "node:module";
import { type Oracle, passes } from "../oracle.ts";

const publicKey = "integration_public_key";
const privateKey = "integration_private_key";

/** What is used of the library, which has no types of its own. */
interface Braintree {
  readonly BraintreeGateway: new (config: object) => {
    readonly webhookTesting: {
      sampleNotification(
        kind: string,
        id: string,
      ): { readonly bt_signature: string; readonly bt_payload: string };
    };
    readonly webhookNotification: { parse(signature: string, payload: string): Promise<unknown> };
  };
  readonly Environment: { readonly Sandbox: unknown };
}

function createGateway() {
  const { BraintreeGateway, Environment } = createRequire(import.meta.url)("braintree") as Braintree;
  return new BraintreeGateway({
    environment: Environment.Sandbox,
    merchantId: "merchant",
    publicKey,
    privateKey,
  });
}

export const oracle: Oracle = {
  providers: ["braintree"],
  library: "braintree",
  secrets: [privateKey],
  settings: { publicKey },
  body: Buffer.from("bt_signature=&bt_payload="),
  sign: async ({ id, url }) => {
    const sample = createGateway().webhookTesting.sampleNotification("check", id);
    const body = Buffer.from(new URLSearchParams({ ...sample }).toString());
    return { method: "POST", url, headers: { "content-type": "application/x-www-form-urlencoded" }, body };
  },
  verify: ({ body }) => {
    const fields = new URLSearchParams(body.toString());
    const { webhookNotification } = createGateway();
    return passes(() =>
      webhookNotification.parse(fields.get("bt_signature") ?? "", fields.get("bt_payload") ?? ""),
    );
  },
};
