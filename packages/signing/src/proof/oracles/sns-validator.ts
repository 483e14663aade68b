import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import https from "node:https";
import { PassThrough } from "node:stream";
import { makeCertificate } from "@hooks/testkit";
import { type Oracle, passes } from "../oracle.ts";

const topic = "arn:aws:sns:us-east-1:123456789012:orders";
const certificateUrl = `https://sns.us-east-1.amazonaws.com/SimpleNotificationService-${"0123456789abcdef".repeat(2)}.pem`;
const signedMembers = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] as const;

let made: { readonly key: KeyObject; readonly pem: string } | undefined;

/** Amazon's key, for as long as this runs. */
function amazon() {
  if (made === undefined) {
    const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    made = { key, pem: makeCertificate({ key, commonName: "sns.amazonaws.com" }) };
  }
  return made;
}

function oracleOf(version: "1" | "2"): Oracle {
  return {
    providers: ["aws-sns"],
    library: "sns-validator",
    secrets: [],
    settings: { topicArns: topic },
    fetchKey: () => Promise.resolve(amazon().pem),
    signer: ({ id, timestamp, url, body: text }) => {
      const message = {
        Type: "Notification",
        MessageId: id,
        TopicArn: topic,
        Subject: "é",
        Message: text.toString(),
        Timestamp: new Date(timestamp * 1000).toISOString(),
      };
      const content = signedMembers.map((name) => `${name}\n${message[name]}\n`).join("");
      const signature = sign(version === "1" ? "sha1" : "sha256", Buffer.from(content), amazon().key);
      const signed = {
        ...message,
        SignatureVersion: version,
        Signature: signature.toString("base64"),
        SigningCertURL: certificateUrl,
      };
      const body = Buffer.from(JSON.stringify(signed));
      return Promise.resolve({ method: "POST", url, headers: { "content-type": "text/plain" }, body });
    },
    verify: async ({ body }) => {
      const { default: MessageValidator } = await import("sns-validator");
      const validator = new MessageValidator();
      return withCertificate(() =>
        passes(
          () =>
            new Promise<void>((resolve, reject) => {
              validator.validate(body.toString(), (error) => (error ? reject(error) : resolve()));
            }),
        ),
      );
    },
  };
}

function answer(_url: unknown, callback: (response: PassThrough & { statusCode?: number }) => void) {
  const response: PassThrough & { statusCode?: number } = new PassThrough();
  response.statusCode = 200;
  callback(response);
  response.end(amazon().pem);
  return response;
}

/** The library fetches the certificate by itself: meanwhile the network is this. */
async function withCertificate<T>(work: () => Promise<T>): Promise<T> {
  const { get } = https;
  // Only the form in which the library calls it.
  https.get = answer as unknown as typeof https.get;
  try {
    return await work();
  } finally {
    https.get = get;
  }
}

export const oracle = oracleOf("2");
export const firstVersionOracle = oracleOf("1");
