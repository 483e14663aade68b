import type { Handshake } from "./handshake.ts";
import { echo, echoQuery, get, head, ok, optionsValidation, ping, post } from "./patterns.ts";

/** The handshakes of each provider, by its id. */
export const handshakes = {
  // https://helpx.adobe.com/sign/kb/adobe-sign-keep-sending-just-one-even.html
  "adobe-sign": [
    {
      stage: "unverified",
      methods: get,
      when: [{ from: "header", name: "x-adobesign-clientid", is: "present" }],
      checks: [{ from: "header", name: "x-adobesign-clientid", equalsSetting: "clientId" }],
      token: { from: "header", name: "x-adobesign-clientid", form: "text" },
      reply: { status: 200, headers: { "x-adobesign-clientid": [{ from: "token" }] } },
    },
  ],
  // https://developers.asana.com/docs/webhooks-guide: anyone could replace the secret, so only while it is awaited.
  asana: [
    {
      stage: "unverified",
      methods: post,
      when: [{ from: "header", name: "x-hook-secret", is: "present" }],
      optIn: "awaitSecret",
      token: { from: "header", name: "x-hook-secret", form: "text" },
      reply: { status: 200, headers: { "x-hook-secret": [{ from: "token" }] } },
      effect: { kind: "secret" },
    },
  ],
  // https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
  "aws-sns": [
    {
      stage: "verified",
      methods: post,
      // Not the header with the same: it is not signed.
      when: [{ from: "body", path: "Type", equals: "SubscriptionConfirmation" }],
      optIn: "confirmSubscriptions",
      checks: [{ from: "body", path: "TopicArn", inSetting: "topicArns" }],
      token: { from: "body", path: "SubscribeURL", form: "url" },
      reply: ok,
      effect: { kind: "confirm", hosts: ["sns.*.amazonaws.com", "sns.*.amazonaws.com.cn"] },
    },
  ],
  // https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
  "azure-event-grid": [
    {
      stage: "verified",
      methods: post,
      when: [{ from: "header", name: "aeg-event-type", equals: "SubscriptionValidation" }],
      token: { from: "body", path: "0.data.validationCode", form: "text" },
      reply: { status: 200, json: { validationResponse: [{ from: "token" }] } },
    },
    ...optionsValidation("eventgrid.azure.net"),
  ],
  // https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html: the test button does not sign.
  bitbucket: [
    {
      stage: "unverified",
      methods: post,
      when: [
        { from: "header", name: "x-event-key", equals: "diagnostics:ping" },
        { from: "body", path: "test", equals: true },
      ],
      reply: ok,
    },
  ],
  // https://developer.paypal.com/braintree/docs/guides/webhooks/create
  braintree: [
    {
      stage: "unverified",
      methods: get,
      when: [{ from: "query", name: "bt_challenge", is: "present" }],
      token: { from: "query", name: "bt_challenge", form: "hex" },
      proof: { digest: "sha1", key: "secret-sha1", encoding: "hex", message: [{ from: "token" }] },
      reply: { status: 200, text: [{ setting: "publicKey" }, { literal: "|" }, { from: "proof" }] },
    },
  ],
  // https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
  cloudevents: optionsValidation(),
  // https://discord.com/developers/docs/events/webhook-events and …/interactions/overview
  discord: [
    ping({ from: "body", path: "type" }, 0, { status: 204 }),
    {
      stage: "verified",
      methods: post,
      when: [
        { from: "body", path: "type", equals: 1 },
        { from: "body", path: "event", is: "absent" },
      ],
      reply: { status: 200, json: { type: 1 } },
    },
  ],
  // https://www.dropbox.com/developers/reference/webhooks
  dropbox: [echoQuery("challenge")],
  // https://developer.ebay.com/marketplace-account-deletion
  ebay: [
    {
      stage: "unverified",
      methods: get,
      when: [{ from: "query", name: "challenge_code", is: "present" }],
      token: { from: "query", name: "challenge_code", form: "word" },
      proof: {
        digest: "sha256",
        key: "none",
        encoding: "hex",
        message: [{ from: "token" }, { setting: "verificationToken" }, { setting: "endpointUrl" }],
      },
      reply: { status: 200, json: { challengeResponse: [{ from: "proof" }] } },
    },
  ],
  // https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping
  github: [ping({ from: "header", name: "x-github-event" }, "ping")],
  // https://developers.intercom.com/docs/webhooks/setting-up-webhooks
  intercom: [head, ping({ from: "body", path: "topic" }, "ping")],
  // https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation
  linkedin: [
    {
      stage: "unverified",
      methods: get,
      when: [{ from: "query", name: "challengeCode", is: "present" }],
      token: { from: "query", name: "challengeCode", form: "uuid" },
      proof: { digest: "sha256", key: "secret", encoding: "hex", message: [{ from: "token" }] },
      reply: {
        status: 200,
        json: { challengeCode: [{ from: "token" }], challengeResponse: [{ from: "proof" }] },
      },
    },
  ],
  // https://developers.facebook.com/docs/graph-api/webhooks/getting-started
  meta: [
    {
      stage: "unverified",
      methods: get,
      when: [{ from: "query", name: "hub.mode", equals: "subscribe" }],
      checks: [{ from: "query", name: "hub.verify_token", equalsSetting: "verifyToken" }],
      token: { from: "query", name: "hub.challenge", form: "text" },
      reply: echo,
    },
  ],
  // https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
  "microsoft-graph": [
    {
      stage: "unverified",
      methods: [...post, ...get],
      when: [{ from: "query", name: "validationToken", is: "present" }],
      token: { from: "query", name: "validationToken", form: "sentence" },
      reply: echo,
    },
  ],
  // https://developer.monday.com/api-reference/reference/webhooks
  monday: [
    {
      stage: "unverified",
      methods: post,
      when: [
        { from: "body", path: "challenge", is: "present" },
        { from: "body", path: "event", is: "absent" },
      ],
      token: { from: "body", path: "challenge", form: "text" },
      reply: { status: 200, json: { challenge: [{ from: "token" }] } },
    },
  ],
  // https://developers.notion.com/reference/webhooks: unsigned, so only while the secret is awaited.
  notion: [
    {
      stage: "unverified",
      methods: post,
      when: [
        { from: "body", path: "verification_token", is: "present" },
        { from: "body", path: "type", is: "absent" },
      ],
      optIn: "awaitSecret",
      token: { from: "body", path: "verification_token", form: "text" },
      reply: ok,
      effect: { kind: "secret" },
    },
  ],
  // https://developer.nylas.com/docs/v3/notifications/
  nylas: [echoQuery("challenge")],
  // https://developer.okta.com/docs/concepts/event-hooks/
  okta: [
    {
      stage: "unverified",
      methods: get,
      when: [{ from: "header", name: "x-okta-verification-challenge", is: "present" }],
      token: { from: "header", name: "x-okta-verification-challenge", form: "text" },
      reply: { status: 200, json: { verification: [{ from: "token" }] } },
    },
  ],
  // https://docs.onfleet.com/reference/validation
  onfleet: [echoQuery("check")],
  // https://docs.slack.dev/reference/events/url_verification
  slack: [
    {
      stage: "verified",
      methods: post,
      when: [{ from: "body", path: "type", equals: "url_verification" }],
      token: { from: "body", path: "challenge", form: "text" },
      reply: echo,
    },
  ],
  // https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/
  trello: [head],
  // https://dev.twitch.tv/docs/eventsub/handling-webhook-events/
  twitch: [
    {
      stage: "verified",
      methods: post,
      when: [
        {
          from: "header",
          name: "twitch-eventsub-message-type",
          equals: "webhook_callback_verification",
        },
      ],
      token: { from: "body", path: "challenge", form: "text" },
      reply: echo,
    },
  ],
  // https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks: an unsigned form on creation.
  woocommerce: [
    {
      stage: "unverified",
      methods: post,
      when: [
        { from: "form", name: "webhook_id", is: "present" },
        { from: "header", name: "x-wc-webhook-signature", is: "absent" },
      ],
      reply: ok,
    },
  ],
  // https://docs.x.com/x-api/webhooks/quickstart: the token's form has no brace, so no event is signed.
  x: [
    {
      stage: "unverified",
      methods: get,
      when: [{ from: "query", name: "crc_token", is: "present" }],
      token: { from: "query", name: "crc_token", form: "base64" },
      proof: { digest: "sha256", key: "secret", encoding: "base64", message: [{ from: "token" }] },
      reply: { status: 200, json: { response_token: [{ literal: "sha256=" }, { from: "proof" }] } },
    },
  ],
  // https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/: intent to receive.
  xero: [
    {
      stage: "verified",
      methods: post,
      when: [{ from: "body", path: "events", is: "empty" }],
      reply: ok,
    },
  ],
  // https://developers.zoom.us/docs/api/webhooks/: asked again every 72 hours.
  zoom: [
    {
      stage: "verified",
      methods: post,
      when: [{ from: "body", path: "event", equals: "endpoint.url_validation" }],
      token: { from: "body", path: "payload.plainToken", form: "word" },
      proof: { digest: "sha256", key: "secret", encoding: "hex", message: [{ from: "token" }] },
      reply: {
        status: 200,
        json: { plainToken: [{ from: "token" }], encryptedToken: [{ from: "proof" }] },
      },
    },
  ],
} as const satisfies Readonly<Record<string, readonly Handshake[]>>;
