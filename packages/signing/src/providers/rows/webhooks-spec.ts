/**
 * The table that a row's facts come from, where they were not read in the provider's own documentation:
 * `@webhook-co/webhooks-spec`, Apache-2.0.
 */
export const webhooksSpec =
  "https://github.com/webhook-co/webhook/blob/de3aa4e8ae049dd6611097307370cea99464ef63/packages/webhooks-spec/src/adapters/config.ts";
