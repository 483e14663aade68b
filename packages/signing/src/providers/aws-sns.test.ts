import { generateKeyPairSync, sign } from "node:crypto";
import { makeCertificate } from "@hooks/testkit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AdapterOptions } from "./adapter.ts";
import { createSnsAttest } from "./aws-sns.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = makeCertificate({ key: privateKey, commonName: "sns.amazonaws.com" });
const url = `https://sns.us-east-1.amazonaws.com/SimpleNotificationService-${"0123456789abcdef".repeat(2)}.pem`;
const now = Date.UTC(2026, 10, 20, 12) / 1000;
const topic = "arn:aws:sns:us-east-1:123456789012:orders";

const notification = {
  Type: "Notification",
  MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  TopicArn: topic,
  Subject: "My First Message",
  Message: 'Hello \u00e9 "world"!\n$&',
  Timestamp: "2026-11-20T12:00:00.000Z",
  UnsubscribeURL: "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
};
const confirmation = {
  Type: "SubscriptionConfirmation",
  MessageId: "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
  Token: "2336412f37",
  TopicArn: topic,
  Message: "You have chosen to subscribe",
  SubscribeURL: "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
  Timestamp: "2026-11-20T12:00:00.000Z",
};
const signedOfNotification = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const signedOfConfirmation = [
  "Message",
  "MessageId",
  "SubscribeURL",
  "Timestamp",
  "Token",
  "TopicArn",
  "Type",
];

/** Signs as AWS documents it. */
function signed(message: Record<string, string>, version = "2", names = signedOfNotification) {
  const content = names
    .filter((name) => name in message)
    .map((name) => `${name}\n${message[name]}\n`)
    .join("");
  const signature = sign(version === "1" ? "sha1" : "sha256", Buffer.from(content), privateKey);
  return {
    ...message,
    SignatureVersion: version,
    Signature: signature.toString("base64"),
    SigningCertURL: url,
  };
}

const options: AdapterOptions = {
  name: "Amazon SNS",
  secrets: [],
  settings: { topicArns: `${topic}, arn:aws:sns:eu-west-1:123456789012:other` },
  fetchKey: () => Promise.resolve(pem),
};
const verify = createSnsAttest(options);
const attest = (message: unknown, nowSeconds = now) =>
  verify({
    headers: {},
    body: Buffer.from(typeof message === "string" ? message : JSON.stringify(message)),
    nowSeconds,
  });

describe("createSnsAttest", () => {
  it.each(["1", "2"])("accepts notifications and confirmations of version %s", async (version) => {
    const accepted = { ok: true, covered: "signature", timestamp: now };
    expect(await attest(signed(notification, version))).toMatchObject(accepted);
    const { Subject: _, ...withoutSubject } = notification;
    expect(await attest(signed(withoutSubject, version))).toMatchObject(accepted);
    expect(await attest({ ...signed(withoutSubject, version), Subject: null })).toMatchObject(accepted);
    expect(await attest(signed(confirmation, version, signedOfConfirmation))).toMatchObject(accepted);
    const goodbye = { ...confirmation, Type: "UnsubscribeConfirmation" };
    expect(await attest(signed(goodbye, version, signedOfConfirmation))).toMatchObject(accepted);
  });

  it("refuses a topic that is not listed before it fetches anything, however genuine", async () => {
    const seen: string[] = [];
    const strict = createSnsAttest({
      ...options,
      fetchKey: ({ url }) => (seen.push(url), Promise.resolve(pem)),
    });
    const message = signed({ ...notification, TopicArn: "arn:aws:sns:us-east-1:666666666666:orders" });
    const body = Buffer.from(JSON.stringify(message));
    expect(await strict({ headers: {}, body, nowSeconds: now })).toMatchObject({ reason: "no_matching_key" });
    expect(seen).toEqual([]);
  });

  it("refuses version 1 when only version 2 is wanted, and versions it does not know", async () => {
    const strict = createSnsAttest({ ...options, settings: { ...options.settings, signatureVersion: "2" } });
    const body = Buffer.from(JSON.stringify(signed(notification, "1")));
    expect(await strict({ headers: {}, body, nowSeconds: now })).toMatchObject({ reason: "unknown_scheme" });
    for (const version of ["3", "", 1, null, "__proto__", "constructor"]) {
      expect(await attest({ ...signed(notification), SignatureVersion: version })).toMatchObject({
        reason: "unknown_scheme",
      });
    }
  });

  it("refuses messages outside the window", async () => {
    expect(await attest(signed(notification), now + 3601)).toMatchObject({ reason: "timestamp_too_old" });
    expect(await attest(signed(notification), now - 3601)).toMatchObject({ reason: "timestamp_in_future" });
  });

  it("refuses what two parsers could read differently, and what is no message", async () => {
    const text = JSON.stringify(signed(notification));
    const twice = text.replace("{", '{"Message":"evil",');
    const texts = [
      twice,
      twice.replace("Message", "M\\u0065ssage"),
      `\ufeff${text}`,
      `${text}x`,
      "",
      "[]",
      "null",
      "{}",
      `${"[".repeat(5000)}${"]".repeat(5000)}`,
      JSON.stringify({ ...signed(notification), Message: 5 }),
      JSON.stringify({ ...signed(notification), Message: ["x"] }),
      JSON.stringify({ ...signed(notification), Type: "toString" }),
      JSON.stringify({ ...signed(notification), Signature: `${signed(notification).Signature}\n` }),
      JSON.stringify({ ...signed(notification), Timestamp: "2026-11-31T12:00:00.000Z" }),
      JSON.stringify({ ...signed(notification), SigningCertURL: undefined }),
    ];
    for (const one of texts)
      expect(await attest(one), one.slice(0, 60)).toMatchObject({ reason: "malformed_header" });
    const invalid = Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff]), Buffer.from("}")]);
    expect(await verify({ headers: {}, body: invalid, nowSeconds: now })).toMatchObject({
      reason: "malformed_header",
    });
  });

  it("refuses the same signed lines, shared out among the members in another way", async () => {
    const { Subject: _, ...plain } = notification;
    const message = signed({ ...plain, Message: "one\nMessageId\nfake" });
    expect(await attest(message)).toMatchObject({ ok: true });
    const other = { ...message, Message: "one", MessageId: `fake\nMessageId\n${plain.MessageId}` };
    expect(await attest(other)).toMatchObject({ reason: "malformed_header" });
  });

  it("fetches certificates from the hosts of SNS in a region only", async () => {
    const path = url.slice(url.indexOf("/Simple"));
    const hosts = [
      "s3-us-west-2",
      "s3-accelerate",
      "s3-external-1",
      "s3",
      "compute-1",
      "evil",
      "us-east-1.s3",
    ];
    const fetched: string[] = [];
    const strict = createSnsAttest({
      ...options,
      fetchKey: (request) => (fetched.push(request.url), Promise.resolve(pem)),
    });
    const attestAt = (host: string) => {
      const message = { ...signed(notification), SigningCertURL: `https://sns.${host}.amazonaws.com${path}` };
      return strict({ headers: {}, body: Buffer.from(JSON.stringify(message)), nowSeconds: now });
    };
    for (const host of hosts)
      expect(await attestAt(host), host).toMatchObject({ reason: "malformed_header" });
    expect(fetched).toEqual([]);
    for (const host of ["us-gov-west-1", "us-iso-east-1", "ap-southeast-2", "mx-central-1"])
      expect(await attestAt(host), host).toMatchObject({ ok: true });
  });

  it("needs the setting topicArns", () => {
    expect(() => createSnsAttest({ ...options, settings: {} })).toThrow(/topicArns/);
    expect(() =>
      createSnsAttest({ ...options, settings: { topicArns: "a", signatureVersion: "3" } }),
    ).toThrow(TypeError);
  });

  it("refuses 3,000 changes of what is signed", async () => {
    const message = signed(notification);
    const names = [...signedOfNotification, "Signature"];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat({ max: 6 }), async (name, place, bit) => {
        const value = Buffer.from((message as Record<string, string>)[name]!);
        value[place % value.length]! ^= 1 << bit;
        const changed = value.toString("utf8");
        const result = await attest({ ...message, [name]: changed });
        expect(result).toMatchObject({ ok: false });
      }),
      { seed: 3, numRuns: 3_000 },
    );
  });
});
