import { type Oracle, passes } from "../oracle.ts";

const secret = "hubspot_client_secret";

export const oracle: Oracle = {
  providers: ["hubspot"],
  library: "@hubspot/api-client",
  secrets: [secret],
  sign: async ({ timestamp, url, body }) => {
    const { Signature } = await import("@hubspot/api-client");
    const signature = Signature.getSignature("POST", "v3", {
      signature: "",
      clientSecret: secret,
      requestBody: body.toString(),
      url,
      timestamp: timestamp * 1000,
    });
    const headers = {
      "x-hubspot-signature-v3": signature,
      "x-hubspot-request-timestamp": String(timestamp * 1000),
    };
    return { method: "POST", url, headers, body };
  },
  verify: async ({ method, url, headers, body }) => {
    const { Signature } = await import("@hubspot/api-client");
    let isValid = false;
    const ran = await passes(() => {
      isValid = Signature.isValid({
        method,
        signatureVersion: "v3",
        signature: headers["x-hubspot-signature-v3"] ?? "",
        clientSecret: secret,
        requestBody: body.toString(),
        url,
        timestamp: Number(headers["x-hubspot-request-timestamp"]),
      });
    });
    return ran && isValid;
  },
};
