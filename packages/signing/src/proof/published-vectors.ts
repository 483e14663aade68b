import type { PublishedVector } from "./published-vector.ts";

const standard = {
  secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  now: 1614265330,
  body: '{"test": 2432232314}',
};

/** Every request that was published with all it takes to verify it. */
export const publishedVectors: readonly PublishedVector[] = [
  {
    provider: "standard-webhooks",
    source:
      "https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/index.test.ts",
    ...standard,
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    event: { id: "msg_p5jXN8AQM9LWM0D4loKWxJek" },
  },
  {
    provider: "svix",
    source: "https://github.com/svix/svix-webhooks/blob/main/javascript/src/webhook.test.ts",
    ...standard,
    headers: {
      "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "svix-timestamp": "1614265330",
      "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    event: { id: "msg_p5jXN8AQM9LWM0D4loKWxJek" },
  },
  {
    provider: "openai",
    source: "https://github.com/openai/openai-node/blob/master/tests/api-resources/webhooks.test.ts",
    secrets: ["whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c="],
    now: 1750861210,
    headers: {
      "webhook-id": "wh_685c059ae39c8190af8c71ed1022a24d",
      "webhook-timestamp": "1750861210",
      "webhook-signature": "v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY=",
    },
    body: '{"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, "type": "response.completed", "data": {"id": "resp_123"}}',
    event: { id: "wh_685c059ae39c8190af8c71ed1022a24d", type: "response.completed" },
  },
  {
    provider: "finch",
    source: "https://github.com/Finch-API/finch-api-node/blob/main/tests/api-resources/webhooks.test.ts",
    secrets: ["5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"],
    now: 1676312382,
    headers: {
      "finch-event-id": "msg_2Lh9KRb0pzN4LePd3XiA4v12Axj",
      "finch-timestamp": "1676312382",
      "finch-signature": "v1,m7y0TV2C+hlHxU42wCieApTSTaA8/047OAplBqxIV/s=",
    },
    body: '{"company_id":"720be419-0293-4d32-a707-32179b0827ab"}',
    event: { id: "msg_2Lh9KRb0pzN4LePd3XiA4v12Axj" },
  },
  {
    provider: "github",
    source: "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
    secrets: ["It's a Secret to Everybody"],
    headers: {
      "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    },
    body: "Hello, World!",
  },
  ...["bitbucket", "jira"].map((provider) => ({
    provider,
    source:
      provider === "jira"
        ? "https://developer.atlassian.com/cloud/jira/platform/webhooks/"
        : "https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
    secrets: ["It's a Secret to Everybody"],
    headers: {
      "x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
    },
    body: "Hello World!",
  })),
  {
    provider: "slack",
    source: "https://docs.slack.dev/authentication/verifying-requests-from-slack",
    secrets: ["8f742231b10e8888abcd99yyyzzz85a5"],
    now: 1531420618,
    headers: {
      "x-slack-request-timestamp": "1531420618",
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    },
    body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  },
  {
    provider: "twilio",
    source: "https://github.com/twilio/twilio-node/blob/main/spec/validation.spec.js",
    secrets: ["12345"],
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    },
    body: "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE",
  },
  {
    provider: "sendgrid",
    source:
      "https://github.com/sendgrid/sendgrid-nodejs/blob/main/packages/eventwebhook/src/eventwebhook.spec.js",
    secrets: [
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
    ],
    now: 1600112502,
    headers: {
      "x-twilio-email-event-webhook-timestamp": "1600112502",
      "x-twilio-email-event-webhook-signature":
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
    },
    body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
  },
  {
    provider: "square",
    source: "https://github.com/square/square-nodejs-sdk/blob/master/tests/integration/webhooks.test.ts",
    secrets: ["Ibxx_5AKakO-3qeNVR61Dw"],
    settings: { notificationUrl: "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9" },
    headers: { "x-square-hmacsha256-signature": "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=" },
    body: '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}',
    event: { id: "ac3ac95b-f97d-458c-a6e6-18981597e05f", type: "webhooks.test_notification" },
  },
  {
    provider: "paddle",
    source:
      "https://github.com/PaddleHQ/paddle-node-sdk/blob/main/src/__tests__/notifications/webhooks-validator.node.test.ts",
    secrets: ["VALID_SECRET"],
    now: 1698796800,
    headers: {
      "paddle-signature": "ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9",
    },
    body: '{"data": ["1", "2"]}',
  },
  {
    provider: "sanity",
    source: "https://github.com/sanity-io/webhook-toolkit/blob/main/test/signature.test.ts",
    secrets: ["test"],
    now: 1633519811,
    headers: {
      "sanity-webhook-signature": "t=1633519811129,v1=tLa470fx7qkLLEcMOcEUFuBbRSkGujyskxrNXcoh0N0",
    },
    body: '{"_id":"resume"}',
  },
  {
    provider: "mux",
    source: "https://github.com/muxinc/mux-node-sdk/blob/master/tests/api-resources/webhooks.test.ts",
    secrets: ["SuperSecret123"],
    now: 1565125718,
    headers: {
      "mux-signature": "t=1565125718,v1=854ece4c22acef7c66b57d4e504153bc512595e8e9c772ece2a68150548c19a7",
    },
    body: '{"test":"body"}',
  },
  {
    provider: "gocardless",
    source: "https://github.com/gocardless/gocardless-pro-ruby/blob/master/spec/webhook_spec.rb",
    secrets: ["ED7D658C-D8EB-4941-948B-3973214F2D49"],
    headers: { "webhook-signature": "2693754819d3e32d7e8fcb13c729631f316c6de8dc1cf634d6527f1c07276e7e" },
    body: '{"events":[{"id":"EV00BD05S5VM2T","created_at":"2018-07-05T09:13:51.404Z","resource_type":"subscriptions","action":"created","links":{"subscription":"SB0003JJQ2MR06"},"details":{"origin":"api","cause":"subscription_created","description":"Subscription created via the API."},"metadata":{}},{"id":"EV00BD05TB8K63","created_at":"2018-07-05T09:13:56.893Z","resource_type":"mandates","action":"created","links":{"mandate":"MD000AMA19XGEC"},"details":{"origin":"api","cause":"mandate_created","description":"Mandate created via the API."},"metadata":{}}]}',
  },
  {
    provider: "coinbase-commerce",
    source: "https://github.com/coinbase/coinbase-commerce-node/blob/master/test/testWebhook.spec.js",
    secrets: ["30291a20-0bd1-4267-9b0f-e6e7b123c0bf"],
    headers: {
      "x-cc-webhook-signature": "8be7742c7d372f08a6a3224edadf18a22b65fa9e28f3f2de97376cdaa092590d",
    },
    body: '{"id":1,"scheduled_for":"2017-01-31T20:50:02Z","attempt_number":1,"event":{"id":"24934862-d980-46cb-9402-43c81b0cdba6","type":"charge:created","api_version":"2018-03-22","created_at":"2017-01-31T20:49:02Z","data":{"code":"66BEOV2A","name":"The Sovereign Individual","description":"Mastering the Transition to the Information Age","hosted_url":"https://commerce.coinbase.com/charges/66BEOV2A","created_at":"2017-01-31T20:49:02Z","expires_at":"2017-01-31T21:04:02Z","timeline":[{"time":"2017-01-31T20:49:02Z","status":"NEW"}],"metadata":{},"pricing_type":"no_price","payments":[],"addresses":{"bitcoin":"0000000000000000000000000000000000","ethereum":"0x0000000000000000000000000000000000000000","litecoin":"3000000000000000000000000000000000","bitcoincash":"bitcoincash:000000000000000000000000000000000000000000"}}}}',
    event: { id: "24934862-d980-46cb-9402-43c81b0cdba6", type: "charge:created" },
  },
  {
    provider: "pusher",
    source: "https://github.com/pusher/pusher-http-node/blob/master/tests/integration/webhook.js",
    secrets: ["tofu"],
    headers: {
      "x-pusher-key": "123456789",
      "x-pusher-signature": "c17257e92037cd7de407ebc1ed174ceb7b2e518db127f44411b9ffc4f5b28cc5",
    },
    body: '{"time_ms":1403175510755,"events":[{"channel":"test_channel","name":"channel_vacated"}]}',
  },
  {
    provider: "modern-treasury",
    source:
      "https://github.com/Modern-Treasury/modern-treasury-node/blob/main/tests/api-resources/webhooks.test.ts",
    secrets: ["foo"],
    headers: { "x-signature": "57e14f6f354543f0101fb06ea24df7731d90087b76651e3497345e22a3622940" },
    body: '{"foo":"bar"}',
  },
  {
    provider: "box",
    source: "https://github.com/box/box-python-sdk/blob/main/test/unit/object/test_webhook.py",
    secrets: ["SamplePrimaryKey"],
    now: 1577862000,
    headers: {
      "box-delivery-id": "f96bb54b-ee16-4fc5-aa65-8c2d9e5b546f",
      "box-delivery-timestamp": "2020-01-01T00:00:00-07:00",
      "box-signature-algorithm": "HmacSHA256",
      "box-signature-primary": "6TfeAW3A1PASkgboxxA5yqHNKOwFyMWuEXny/FPD5hI=",
      "box-signature-secondary": "v+1CD1Jdo3muIcbpv5lxxgPglOqMfsNHPV899xWYydo=",
      "box-signature-version": "1",
    },
    body: '{"type":"webhook_event","webhook":{"id":"1234567890"},"trigger":"FILE.UPLOADED","source":{"id":"1234567890","type":"file","name":"Test.txt"}}',
  },
  {
    provider: "http-message-signatures",
    source: "https://www.rfc-editor.org/rfc/rfc9421#appendix-B.2.3",
    secrets: [
      "-----BEGIN PUBLIC KEY-----\n" +
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2\n" +
        "+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+\n" +
        "oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq\n" +
        "gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W\n" +
        "Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4\n" +
        "aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI\n" +
        "2wIDAQAB\n-----END PUBLIC KEY-----",
    ],
    now: 1_618_884_473,
    url: "https://example.com/foo?param=Value&Pet=dog",
    headers: {
      host: "example.com",
      date: "Tue, 20 Apr 2021 02:07:55 GMT",
      "content-type": "application/json",
      "content-digest":
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
      "content-length": "18",
      "signature-input":
        'sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
      signature:
        "sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:",
    },
    body: '{"hello": "world"}',
  },
];
