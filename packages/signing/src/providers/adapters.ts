import type { AdapterOptions, Attest } from "./adapter.ts";
import { createAdyenAttest } from "./adyen.ts";
import { createSnsAttest } from "./aws-sns.ts";
import { createBraintreeAttest } from "./braintree.ts";
import { createEbayAttest } from "./ebay.ts";
import { createMercadoPagoAttest } from "./mercado-pago.ts";
import { createPaypalAttest } from "./paypal.ts";
import { createPlaidAttest } from "./plaid.ts";
import { createTwilioAttest } from "./twilio.ts";

/** The schemes that are code, by the name that rows call them by. */
export const adapters: Readonly<Record<string, (options: AdapterOptions) => Attest>> = {
  adyen: createAdyenAttest,
  "aws-sns": createSnsAttest,
  braintree: createBraintreeAttest,
  ebay: createEbayAttest,
  "mercado-pago": createMercadoPagoAttest,
  paypal: createPaypalAttest,
  plaid: createPlaidAttest,
  twilio: createTwilioAttest,
};
