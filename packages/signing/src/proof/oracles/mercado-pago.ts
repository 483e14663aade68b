import { createHmac } from "node:crypto";
import { type Oracle, passes } from "../oracle.ts";

const secret = "0123456789abcdef0123456789abcdef";

/** The id in the query, as Mercado Pago sends it. */
function dataIdOf(url: string): string | null {
  return new URL(url).searchParams.get("data.id");
}

export const oracle: Oracle = {
  providers: ["mercado-pago"],
  library: "mercadopago",
  secrets: [secret],
  signer: ({ id, timestamp, url, body }) => {
    const address = `${url}${url.includes("?") ? "&" : "?"}data.id=12345abc&type=payment`;
    const manifest = `id:12345abc;request-id:${id};ts:${timestamp};`;
    const signature = createHmac("sha256", secret).update(manifest).digest("hex");
    const headers = { "x-signature": `ts=${timestamp},v1=${signature}`, "x-request-id": id };
    return Promise.resolve({ method: "POST", url: address, headers, body });
  },
  verify: async ({ headers, url }) => {
    const { WebhookSignatureValidator } = await import("mercadopago");
    return passes(() =>
      WebhookSignatureValidator.validate({
        xSignature: headers["x-signature"] ?? null,
        xRequestId: headers["x-request-id"] ?? null,
        dataId: dataIdOf(url),
        secret,
      }),
    );
  },
};
