import { verify } from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import { type Refusal, refuse } from "../reason.ts";
import { checkTimestamp } from "../window.ts";
import { type AdapterOptions, type Attest, neededSetting } from "./adapter.ts";
import { createCertificateStore } from "./certificate.ts";
import { parseIsoSeconds } from "./iso-time.ts";
import { readSignedObject } from "./signed-object.ts";

/**
 * The name of a region, and no other service's: of `sns.s3-us-west-2.amazonaws.com` the owner of a bucket named `sns` is
 * the master.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 */
const certificateUrl =
  /^https:\/\/sns\.[a-z]{2,4}(?:-[a-z]{2,16}){1,3}-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?\/SimpleNotificationService-[0-9a-f]{32}\.pem$/;

const confirmation = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/**
 * The members that are signed, by the message's type, in their order; `Subject` only where there is one. Names and values
 * stand on lines of their own, so that only one member may have line breaks: with two, the same lines could be shared out
 * among the members in another way, under another id.
 */
const signedMembers: Readonly<Record<string, readonly string[]>> = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: confirmation,
  UnsubscribeConfirmation: confirmation,
};

const digests: Readonly<Record<string, string>> = { "1": "sha1", "2": "sha256" };
const defaultToleranceSeconds = 3600;

/**
 * Messages of Amazon SNS. The setting `topicArns` (separated by commas) is needed: anybody can have AWS sign a message
 * of a topic of their own. `signatureVersion: "2"` refuses version 1, which is SHA-1. Only the members that AWS signs
 * are covered, so a member that is there twice refuses the message. There are no secrets.
 */
export function createSnsAttest(options: AdapterOptions): Attest {
  const topics = neededSetting(options, "topicArns")
    .split(",")
    .map((topic) => topic.trim())
    .filter((topic) => topic !== "");
  const onlyVersion = options.settings["signatureVersion"];
  if (onlyVersion !== undefined && !Object.hasOwn(digests, onlyVersion)) {
    throw new TypeError("Expected the setting signatureVersion of Amazon SNS as 1 or 2.");
  }
  const toleranceSeconds = options.toleranceSeconds ?? defaultToleranceSeconds;
  const certificates = createCertificateStore({ url: certificateUrl }, options.fetchKey);
  return async ({ body, nowSeconds }) => {
    const message = readMessage(body, onlyVersion);
    if ("ok" in message) return message;
    if (!topics.includes(message.topic)) {
      return refuse("no_matching_key", "The message is of a topic that is not in the setting topicArns.");
    }
    const late = checkTimestamp(message.timestamp, { now: nowSeconds, toleranceSeconds });
    if (late !== undefined) return late;
    const certificate = await certificates.find(message.certificateUrl, nowSeconds);
    if ("ok" in certificate) return certificate;
    if (!verify(message.digest, message.content, certificate.key, message.signature)) {
      return refuse("no_matching_key", "The signature was not made with the certificate's key.");
    }
    certificates.prove(message.certificateUrl);
    return { ok: true, keyIndex: 0, covered: "signature", timestamp: message.timestamp };
  };
}

interface Message {
  readonly content: Buffer;
  readonly digest: string;
  readonly signature: Uint8Array;
  readonly certificateUrl: string;
  readonly topic: string;
  readonly timestamp: number;
}

const malformed = refuse(
  "malformed_header",
  "Expected a message of Amazon SNS, with each member once and as text.",
);

function readMessage(body: Uint8Array, onlyVersion: string | undefined): Message | Refusal {
  const members = readSignedObject(body);
  const type = members?.["Type"];
  if (members === undefined || typeof type !== "string" || !Object.hasOwn(signedMembers, type))
    return malformed;
  const version = members["SignatureVersion"];
  if (typeof version !== "string" || !Object.hasOwn(digests, version)) {
    return refuse("unknown_scheme", "Expected the signature version 1 or 2.");
  }
  if (onlyVersion !== undefined && version !== onlyVersion) {
    return refuse("unknown_scheme", `Expected the signature version ${onlyVersion}.`);
  }
  const parts: string[] = [];
  for (const name of signedMembers[type] ?? []) {
    const value = members[name];
    // A missing subject is left out, or null where the message came through a function.
    if (name === "Subject" && (value === undefined || value === null)) continue;
    if (typeof value !== "string" || (name !== "Message" && value.includes("\n"))) return malformed;
    parts.push(`${name}\n${value}\n`);
  }
  const signature = typeof members["Signature"] === "string" ? decodeBase64(members["Signature"]) : undefined;
  const timestamp = parseIsoSeconds(String(members["Timestamp"]));
  const url = members["SigningCertURL"];
  if (
    signature === undefined ||
    signature.length > 1024 ||
    timestamp === undefined ||
    typeof url !== "string"
  ) {
    return malformed;
  }
  const topic = String(members["TopicArn"]);
  const content = Buffer.from(parts.join(""));
  return { content, digest: digests[version] ?? "", signature, certificateUrl: url, topic, timestamp };
}
