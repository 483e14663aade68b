import { type Oracle, passes, type SignedRequest } from "../oracle.ts";

const secret = "12345678901234567890123456789012";
const form = "application/x-www-form-urlencoded";
const body = Buffer.from(
  "Body=Hello+W%C3%B6rld%21&From=%2B14158675309&To=%2B18005551212&Media=b&Media=a&Media=b&A=",
);

/** The fields as a form parser gives them to Twilio's library. */
function fieldsOf(request: { readonly body: Buffer }): Record<string, string | string[]> {
  const fields = new URLSearchParams(request.body.toString());
  const names = [...new Set(fields.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [first = "", ...others] = fields.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

export const oracle: Oracle = {
  providers: ["twilio"],
  library: "twilio",
  secrets: [secret],
  body,
  sign: async ({ url, body }) => {
    const { getExpectedTwilioSignature } = await import("twilio/lib/webhooks/webhooks.js");
    const signature = getExpectedTwilioSignature(secret, url, fieldsOf({ body }));
    const headers = { "x-twilio-signature": signature, "content-type": form };
    return { method: "POST", url, headers, body };
  },
  verify: async ({ url, headers, body }: SignedRequest) => {
    const { validateRequest } = await import("twilio/lib/webhooks/webhooks.js");
    return validateRequest(secret, headers["x-twilio-signature"] ?? "", url, fieldsOf({ body }));
  },
};

/** Bodies that are no form. */
export const jsonOracle: Oracle = {
  providers: ["twilio"],
  library: "twilio",
  secrets: [secret],
  sign: async ({ url, body }) => {
    const library = await import("twilio/lib/webhooks/webhooks.js");
    const signedUrl = `${url}${url.includes("?") ? "&" : "?"}bodySHA256=${library.getExpectedBodyHash(body.toString())}`;
    const signature = library.getExpectedTwilioSignature(secret, signedUrl, {});
    const headers = { "x-twilio-signature": signature, "content-type": "application/json" };
    return { method: "POST", url: signedUrl, headers, body };
  },
  verify: async ({ url, headers, body }) => {
    const { validateRequestWithBody } = await import("twilio/lib/webhooks/webhooks.js");
    const signature = headers["x-twilio-signature"] ?? "";
    let isValid = false;
    const isRead = await passes(() => {
      isValid = validateRequestWithBody(secret, signature, url, body.toString());
    });
    return isRead && isValid;
  },
};
