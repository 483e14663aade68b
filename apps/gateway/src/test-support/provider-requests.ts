import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import { makeCertificate } from "@hooks/testkit";

/** What a provider sends; the rest of a request is the same for all. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Behind the path, with its `?`. */
  readonly query?: string;
}

/** How a provider signs that does so otherwise than with an HMAC of a message, and what its source is configured with. */
export interface Signer {
  readonly secrets: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** `isGenuine: false` signs with a key of somebody else's; `given` is a body instead of an event's. */
  send(url: string, isGenuine: boolean, given?: string): Sent;
}

const body = '{"id":"evt-1","type":"a.b"}';
const other = "another secret of 32 characters, or more";
const now = () => Math.floor(Date.now() / 1_000);
const sha256 = (text: string) => createHash("sha256").update(text);
const hmac = (digest: string, key: string | Buffer) => createHmac(digest, key);

const makePair = {
  ed25519: () => generateKeyPairSync("ed25519"),
  ec: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  rsa: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
};

function pairs(kind: keyof typeof makePair) {
  const [own, others] = [makePair[kind](), makePair[kind]()];
  return { ...own, signing: (isGenuine: boolean): KeyObject => (isGenuine ? own : others).privateKey };
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function jwt(claims: object, key: string | KeyObject, header: object = {}): string {
  const alg = typeof key === "string" ? "HS256" : key.asymmetricKeyType === "rsa" ? "RS256" : "ES256";
  const content = `${base64url({ alg, ...header })}.${base64url(claims)}`;
  const signature =
    typeof key === "string"
      ? hmac("sha256", key).update(content).digest()
      : sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
  return `${content}.${signature.toString("base64url")}`;
}

/** One whose secret is shared. */
function shared(settings: Signer["settings"], send: (url: string, key: string) => Sent): Signer {
  const secret = "a secret of the source, 32 or more long";
  return { secrets: [secret], settings, send: (url, isGenuine) => send(url, isGenuine ? secret : other) };
}

const ed25519 = pairs("ed25519");
const rawKey = ed25519.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
const ec = pairs("ec");
const rsa = pairs("rsa");
const topic = "arn:aws:sns:us-east-1:123456789012:orders";

/** Answers for the hosts at which providers publish their keys. */
export async function fetchKey({ url }: { readonly url: string }): Promise<string> {
  const { hostname, pathname } = new URL(url);
  if (hostname.startsWith("sns."))
    return makeCertificate({ key: rsa.privateKey, commonName: "sns.amazonaws.com" });
  if (hostname.endsWith("plaid.com")) {
    const key = { ...ec.publicKey.export({ format: "jwk" }), kid: "key-1", alg: "ES256", use: "sig" };
    return JSON.stringify({ key: { ...key, created_at: 1, expired_at: null } });
  }
  if (hostname.endsWith("kinde.com")) {
    const key = { ...rsa.publicKey.export({ format: "jwk" }), kid: "key-1", alg: "RS256", use: "sig" };
    return JSON.stringify({ keys: [key] });
  }
  if (pathname.endsWith("/token")) return JSON.stringify({ access_token: "t" });
  if (hostname.endsWith("ebay.com")) {
    const key = String(ec.publicKey.export({ format: "pem", type: "spki" })).replaceAll("\n", "");
    return JSON.stringify({ key, algorithm: "ECDSA", digest: "SHA1" });
  }
  return makeCertificate({ key: rsa.privateKey, commonName: "messageverificationcerts.paypal.com" });
}

/** By the id of the row. */
export const signers: Readonly<Record<string, Signer>> = {
  discord: {
    secrets: [rawKey.toString("hex")],
    settings: {},
    send: (_, isGenuine, given = body) => {
      const time = String(now());
      const signature = sign(null, Buffer.from(time + given), ed25519.signing(isGenuine)).toString("hex");
      return { headers: { "x-signature-ed25519": signature, "x-signature-timestamp": time }, body: given };
    },
  },
  telnyx: {
    secrets: [rawKey.toString("base64")],
    settings: {},
    send: (_, isGenuine) => {
      const time = String(now());
      const signature = sign(null, Buffer.from(`${time}|${body}`), ed25519.signing(isGenuine)).toString(
        "base64",
      );
      return { headers: { "telnyx-signature-ed25519": signature, "telnyx-timestamp": time }, body };
    },
  },
  sendgrid: {
    secrets: [ec.publicKey.export({ format: "der", type: "spki" }).toString("base64")],
    settings: {},
    send: (_, isGenuine) => {
      const time = String(now());
      const events = '[{"sg_event_id":"one","event":"open"},{"sg_event_id":"two","event":"click"}]\r\n';
      const signature = sign("sha256", Buffer.from(time + events), ec.signing(isGenuine)).toString("base64");
      const name = "x-twilio-email-event-webhook";
      return { headers: { [`${name}-signature`]: signature, [`${name}-timestamp`]: time }, body: events };
    },
  },
  wise: {
    secrets: [String(rsa.publicKey.export({ format: "pem", type: "spki" }))],
    settings: {},
    send: (_, isGenuine) => {
      const signature = sign("sha256", Buffer.from(body), rsa.signing(isGenuine)).toString("base64");
      return { headers: { "x-signature-sha256": signature, "x-delivery-id": "d1" }, body };
    },
  },
  "aws-sns": {
    secrets: [],
    settings: { topicArns: topic },
    send: (_, isGenuine) => {
      const message = {
        Message: body,
        MessageId: "m1",
        Timestamp: new Date().toISOString(),
        TopicArn: topic,
        Type: "Notification",
      };
      const content = Object.entries(message).flat().join("\n") + "\n";
      const signed = {
        ...message,
        SignatureVersion: "2",
        Signature: sign("sha256", Buffer.from(content), rsa.signing(isGenuine)).toString("base64"),
        SigningCertURL: `https://sns.us-east-1.amazonaws.com/SimpleNotificationService-${"0123456789abcdef".repeat(2)}.pem`,
      };
      return { headers: { "content-type": "text/plain" }, body: JSON.stringify(signed) };
    },
  },
  paypal: {
    secrets: [],
    settings: { webhookId: "9XL90610J3647323C" },
    send: (_, isGenuine) => {
      const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
      const message = `d938e770|${time}|9XL90610J3647323C|${crc32(body)}`;
      const headers = {
        "paypal-transmission-id": "d938e770",
        "paypal-transmission-time": time,
        "paypal-transmission-sig": sign("sha256", Buffer.from(message), rsa.signing(isGenuine)).toString(
          "base64",
        ),
        "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
        "paypal-auth-algo": "SHA256withRSA",
      };
      return { headers, body };
    },
  },
  plaid: {
    secrets: ["api secret"],
    settings: { clientId: "client" },
    send: (_, isGenuine) => {
      const claims = { iat: now(), request_body_sha256: sha256(body).digest("hex") };
      return {
        headers: { "plaid-verification": jwt(claims, ec.signing(isGenuine), { kid: "key-1" }) },
        body,
      };
    },
  },
  kinde: {
    secrets: [],
    settings: { issuer: "https://example.kinde.com" },
    send: (_, isGenuine) => {
      const token = jwt({ event_id: "k1", type: "user.created" }, rsa.signing(isGenuine), { kid: "key-1" });
      return { headers: { "content-type": "application/jwt" }, body: token };
    },
  },
  ebay: {
    secrets: ["client secret"],
    settings: { clientId: "client" },
    send: (_, isGenuine) => {
      const signature = sign("sha1", Buffer.from(body), ec.signing(isGenuine)).toString("base64");
      const value = { alg: "ECDSA", kid: "9936261a-7d7b-4621-a0f1-964b1e4f2c8b", signature, digest: "SHA1" };
      return { headers: { "x-ebay-signature": Buffer.from(JSON.stringify(value)).toString("base64") }, body };
    },
  },
  netlify: shared({}, (_, key) => ({
    headers: { "x-webhook-signature": jwt({ iss: "netlify", sha256: sha256(body).digest("hex") }, key) },
    body,
  })),
  vonage: shared({ apiKey: "abcd1234" }, (_, key) => {
    const claims = { api_key: "abcd1234", iat: now(), jti: "v1", payload_hash: sha256(body).digest("hex") };
    return { headers: { authorization: `Bearer ${jwt(claims, key)}` }, body };
  }),
  monday: shared({ notificationUrl: "https://hooks.example.com/in/monday" }, (_, key) => {
    const claims = { aud: "https://hooks.example.com/in/monday", exp: now() + 60 };
    return { headers: { authorization: jwt(claims, key) }, body };
  }),
  fusionauth: shared({}, (_, key) => {
    const claims = { request_body_sha256: sha256(body).digest("base64") };
    return { headers: { "x-fusionauth-signature-jwt": jwt(claims, key) }, body };
  }),
  "jira-connect": shared({ clientKey: "1234567890" }, (url, key) => {
    const qsh = sha256(`POST&${new URL(url).pathname}&a=b`).digest("hex");
    const claims = { iss: "1234567890", iat: now(), exp: now() + 180, qsh };
    return { headers: { authorization: `JWT ${jwt(claims, key)}` }, body, query: "?a=b" };
  }),
  "http-message-signatures": {
    secrets: [Buffer.from("a shared secret of 32 bytes or so").toString("base64")],
    settings: {},
    send: (url, isGenuine) => {
      const digest = `sha-256=:${sha256(body).digest("base64")}:`;
      const parameters = `("@method" "@target-uri" "content-digest");created=${now()};nonce="n1"`;
      const base = [`"@method": POST`, `"@target-uri": ${url}`, `"content-digest": ${digest}`];
      const signed = [...base, `"@signature-params": ${parameters}`].join("\n");
      const key = isGenuine ? "a shared secret of 32 bytes or so" : other;
      const signature = hmac("sha256", key).update(signed).digest("base64");
      const headers = { "signature-input": `sig=${parameters}`, signature: `sig=:${signature}:` };
      return { headers: { ...headers, "content-digest": digest }, body };
    },
  },
  adyen: {
    secrets: ["44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"],
    settings: {},
    send: (_, isGenuine) => {
      const key = Buffer.from(isGenuine ? (signers["adyen"]?.secrets[0] ?? "") : "00".repeat(32), "hex");
      const notificationItems = ["791", "792"].map((pspReference) => {
        const content = `${pspReference}::Shop:order:1130:EUR:AUTHORISATION:true`;
        const NotificationRequestItem = {
          additionalData: { hmacSignature: hmac("sha256", key).update(content).digest("base64") },
          amount: { currency: "EUR", value: 1130 },
          eventCode: "AUTHORISATION",
          merchantAccountCode: "Shop",
          merchantReference: "order",
          pspReference,
          success: "true",
        };
        return { NotificationRequestItem };
      });
      return { headers: {}, body: JSON.stringify({ live: "false", notificationItems }) };
    },
  },
  braintree: shared({ publicKey: "public" }, (_, key) => {
    const payload = Buffer.from("<notification><kind>check</kind></notification>").toString("base64");
    const signature = hmac("sha1", createHash("sha1").update(key).digest()).update(payload).digest("hex");
    const form = new URLSearchParams({ bt_signature: `public|${signature}`, bt_payload: payload });
    return { headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString() };
  }),
  "mercado-pago": shared({}, (_, key) => {
    const time = now();
    const signature = hmac("sha256", key).update(`id:12345abc;request-id:r1;ts:${time};`).digest("hex");
    const headers = { "x-signature": `ts=${time},v1=${signature}`, "x-request-id": "r1" };
    return { headers, body, query: "?data.id=12345abc&type=payment" };
  }),
};
