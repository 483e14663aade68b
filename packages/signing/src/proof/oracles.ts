import type { Oracle } from "./oracle.ts";
import { oracle as gocardless } from "./oracles/gocardless.ts";
import { oracle as hubspot } from "./oracles/hubspot.ts";
import { oracle as linear } from "./oracles/linear.ts";
import { oracle as mux } from "./oracles/mux.ts";
import { oracle as octokit } from "./oracles/octokit.ts";
import { oracle as paddle } from "./oracles/paddle.ts";
import { oracle as razorpay } from "./oracles/razorpay.ts";
import { oracle as resend } from "./oracles/resend.ts";
import { oracle as sanity } from "./oracles/sanity.ts";
import { oracle as shopify } from "./oracles/shopify.ts";
import { oracle as slack } from "./oracles/slack.ts";
import { oracle as standardwebhooks } from "./oracles/standardwebhooks.ts";
import { oracle as stripe } from "./oracles/stripe.ts";
import { oracle as svix } from "./oracles/svix.ts";
import { oracle as workos } from "./oracles/workos.ts";

/** Every vendor's library that is asked. */
export const oracles: readonly Oracle[] = [
  gocardless,
  hubspot,
  linear,
  mux,
  octokit,
  paddle,
  razorpay,
  resend,
  sanity,
  shopify,
  slack,
  standardwebhooks,
  stripe,
  svix,
  workos,
];
