import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { parseSigningKey, parseVerifyingKey, sign, verify } from "@hooks/signing";
import * as web from "@hooks/signing/web";
import { Webhooks } from "@octokit/webhooks";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { Webhook as SvixWebhook } from "svix";
import { asyncThroughput, type Comparison, type Contender, throughput } from "./bench.ts";

const sizes = [
  { name: "200 B", bytes: 200, isTargeted: false },
  { name: "1 kB", bytes: 1_000, isTargeted: true },
  { name: "10 kB", bytes: 10_000, isTargeted: true },
  { name: "100 kB", bytes: 100_000, isTargeted: false },
] as const;

/** Signs and verifies bodies of four sizes. The peers get their body as the Buffer that a server has. */
export async function* signing(): AsyncGenerator<Comparison> {
  for (const size of sizes) {
    const body = jsonBody(size.bytes);
    yield compare(`verify ${size.name}`, { contenders: await verifiers(body), ...size });
    yield compare(`sign ${size.name}`, { contenders: await signers(body), ...size });
  }
}

interface Operations {
  readonly ours: () => unknown;
  readonly standardwebhooks: () => unknown;
  readonly svix: () => unknown;
  readonly stripe: () => unknown;
  readonly octokit: () => Promise<unknown>;
  /** Ours where there is no `node:crypto`. */
  readonly webCrypto: () => Promise<unknown>;
  /** The least work that can do it: the HMAC alone. */
  readonly bare: () => unknown;
}

function compare(
  name: string,
  { contenders, isTargeted }: { contenders: Operations; isTargeted: boolean },
): Comparison {
  const contender = (name: string, operation: () => unknown, target?: number): Contender => ({
    name,
    measure: throughput(operation),
    target: isTargeted ? target : undefined,
  });
  return {
    name,
    unit: "op/s",
    better: "higher",
    ours: contender("@hooks/signing", contenders.ours),
    others: [
      contender("bare createHmac, KeyObject", contenders.bare, 0.9),
      contender("standardwebhooks", contenders.standardwebhooks, 5),
      contender("svix", contenders.svix, 5),
      contender("stripe", contenders.stripe),
      { name: "@octokit/webhooks", measure: asyncThroughput(contenders.octokit) },
      { name: "@hooks/signing/web", measure: asyncThroughput(contenders.webCrypto) },
    ],
  };
}

const rawKey = randomBytes(32);
const secret = `whsec_${rawKey.toString("base64")}`;
const keyObject = createSecretKey(rawKey);
const id = "evt_01JD3Q4ZK8N5V6W7X8Y9Z0A1B2";
const date = new Date();
const timestamp = String(Math.floor(date.getTime() / 1000));

const stripe = Stripe.webhooks;

/** A JSON object of about so many bytes. */
function jsonBody(bytes: number): Buffer {
  const empty = JSON.stringify({ type: "invoice.paid", note: "" });
  return Buffer.from(JSON.stringify({ type: "invoice.paid", note: "x".repeat(bytes - empty.length) }));
}

async function verifiers(body: Buffer): Promise<Operations> {
  const keys = [parseVerifyingKey(secret)];
  const webKeys = [await web.parseVerifyingKey(secret)];
  const headers = { ...sign({ id, timestamp: date, body, keys: [secret] }) };
  const expected = Buffer.from(headers["webhook-signature"].slice("v1,".length), "base64");
  const standard = new StandardWebhook(secret);
  const svix = new SvixWebhook(secret);
  const octokit = new Webhooks({ secret });
  const octokitSignature = await octokit.sign(body.toString());
  const stripeHeader = stripe.generateTestHeaderString({ payload: body.toString(), secret });
  return {
    ours: () => verified(verify({ headers, body, keys }).ok),
    bare: () => verified(timingSafeEqual(bareHmac(body).digest(), expected)),
    standardwebhooks: () => standard.verify(body, headers, { jsonParse: false }),
    svix: () => svix.verify(body, headers),
    stripe: () => verified(stripe.signature?.verifyHeader(body, stripeHeader, secret, 300) ?? false),
    octokit: async () => verified(await octokit.verify(body.toString(), octokitSignature)),
    webCrypto: async () => verified((await web.verify({ headers, body, keys: webKeys })).ok),
  };
}

async function signers(body: Buffer): Promise<Operations> {
  const keys = [parseSigningKey(secret)];
  const webKeys = [await web.parseSigningKey(secret)];
  const standard = new StandardWebhook(secret);
  const svix = new SvixWebhook(secret);
  const octokit = new Webhooks({ secret });
  return {
    ours: () => sign({ id, timestamp: date, body, keys }),
    bare: () => bareHmac(body).digest("base64"),
    standardwebhooks: () => standard.sign(id, date, body),
    svix: () => svix.sign(id, date, body),
    stripe: () => stripe.generateTestHeaderString({ payload: body.toString(), secret }),
    octokit: () => octokit.sign(body.toString()),
    webCrypto: () => web.sign({ id, timestamp: date, body, keys: webKeys }),
  };
}

function bareHmac(body: Buffer) {
  return createHmac("sha256", keyObject).update(`${id}.${timestamp}.`).update(body);
}

function verified(isGenuine: boolean): true {
  if (!isGenuine) throw new Error("Expected a genuine request to verify");
  return true;
}
