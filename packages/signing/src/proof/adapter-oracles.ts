import type { Oracle } from "./oracle.ts";
import { oracle as adyen, platformOracle as adyenPlatform } from "./oracles/adyen.ts";
import { oracle as atlassian } from "./oracles/atlassian.ts";
import { oracle as braintree } from "./oracles/braintree.ts";
import { oracle as discord } from "./oracles/discord.ts";
import { oracle as ebay } from "./oracles/ebay.ts";
import { ecdsaOracle, ed25519Oracle, hmacOracle } from "./oracles/http-message-signatures.ts";
import { oracle as kinde } from "./oracles/kinde.ts";
import { oracle as mercadoPago } from "./oracles/mercado-pago.ts";
import { oracle as sendgrid } from "./oracles/sendgrid.ts";
import { firstVersionOracle as snsOne, oracle as snsTwo } from "./oracles/sns-validator.ts";
import { oracle as telnyx } from "./oracles/telnyx.ts";
import { jsonOracle as twilioJson, oracle as twilioForm } from "./oracles/twilio.ts";
import { oracle as vonage } from "./oracles/vonage.ts";

/** The vendors' libraries for the rows of `adapterRows`. */
export const adapterOracles: readonly Oracle[] = [
  adyen,
  adyenPlatform,
  atlassian,
  braintree,
  discord,
  ebay,
  ecdsaOracle,
  ed25519Oracle,
  hmacOracle,
  kinde,
  mercadoPago,
  sendgrid,
  snsOne,
  snsTwo,
  telnyx,
  twilioForm,
  twilioJson,
  vonage,
];
