import { verify } from "node:crypto";
import { crc32 } from "node:zlib";
import { decodeBase64 } from "../base64.ts";
import { createHeaderReader } from "../headers.ts";
import { type Refusal, refuse } from "../reason.ts";
import { checkTimestamp } from "../window.ts";
import { type AdapterOptions, type Attest, neededSetting } from "./adapter.ts";
import { createCertificateStore } from "./certificate.ts";
import { parseIsoSeconds } from "./iso-time.ts";

const headerNames = [
  "paypal-transmission-id",
  "paypal-transmission-time",
  "paypal-transmission-sig",
  "paypal-cert-url",
  "paypal-auth-algo",
] as const;

interface Environment {
  readonly url: RegExp;
  readonly commonNames: readonly string[];
}

/** The names are those that PayPal's own libraries for Java and .NET insist on. */
const environments: Readonly<Record<string, Environment>> = {
  production: {
    url: /^https:\/\/api\.paypal\.com\/v1\/notifications\/certs\/CERT-[A-Za-z0-9-]{1,64}$/,
    commonNames: ["messageverificationcerts.paypal.com"],
  },
  sandbox: {
    url: /^https:\/\/api\.sandbox\.paypal\.com\/v1\/notifications\/certs\/CERT-[A-Za-z0-9-]{1,64}$/,
    commonNames: ["messageverificationcerts.sandbox.paypal.com", "messageverificationcerts.paypal.com"],
  },
};

/** PayPal sends again for three days, under the time of the first attempt. */
const defaultToleranceSeconds = 3 * 24 * 3600;
const idForm = /^[A-Za-z0-9-]{1,64}$/;

/**
 * PayPal's notifications. Settings: `webhookId` (signed, so that a notification to another receiver is refused) and
 * `environment` (`production`, the default, or `sandbox`). There are no secrets. What is signed of the body is its
 * CRC-32, which is no cryptographic hash: who can see a genuine notification can make another body of the same CRC-32.
 * That is PayPal's scheme, so `covered` is `token`: where it matters, fetch the resource by its id.
 */
export function createPaypalAttest(options: AdapterOptions): Attest {
  const webhookId = neededSetting(options, "webhookId");
  const name = options.settings["environment"] ?? "production";
  const environment = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (environment === undefined) {
    throw new TypeError("Expected the setting environment of PayPal as production or sandbox.");
  }
  const toleranceSeconds = options.toleranceSeconds ?? defaultToleranceSeconds;
  const certificates = createCertificateStore(environment, options.fetchKey);
  const reader = createHeaderReader(headerNames);
  return async ({ headers, body, nowSeconds }) => {
    const sent = readTransmission(reader.read(headers));
    if ("ok" in sent) return sent;
    const late = checkTimestamp(sent.timestamp, { now: nowSeconds, toleranceSeconds });
    if (late !== undefined) return late;
    const certificate = await certificates.find(sent.certificateUrl, nowSeconds);
    if ("ok" in certificate) return certificate;
    const message = Buffer.from(`${sent.id}|${sent.time}|${webhookId}|${crc32(body)}`);
    if (!verify("sha256", message, certificate.key, sent.signature)) {
      return refuse("no_matching_key", "The signature was not made with the certificate's key.");
    }
    certificates.prove(sent.certificateUrl);
    return { ok: true, keyIndex: 0, covered: "token", timestamp: sent.timestamp };
  };
}

interface Transmission {
  readonly id: string;
  readonly time: string;
  readonly timestamp: number;
  readonly signature: Uint8Array;
  readonly certificateUrl: string;
}

function readTransmission(values: readonly (string | undefined | null)[]): Transmission | Refusal {
  for (const [index, name] of headerNames.entries()) {
    if (values[index] === undefined) return refuse("missing_header", `Expected the header ${name}.`);
    if (values[index] === null)
      return refuse("malformed_header", `Expected the header ${name} exactly once.`);
  }
  const [id, time, signatureText, certificateUrl, algorithm] = values.map((value) => value ?? "");
  if (algorithm !== "SHA256withRSA") return refuse("unknown_scheme", "Expected the algorithm SHA256withRSA.");
  const timestamp = parseIsoSeconds(time ?? "");
  const isShort = (signatureText ?? "").length <= 1024;
  const signature = isShort ? decodeBase64(signatureText ?? "") : undefined;
  if (
    !idForm.test(id ?? "") ||
    timestamp === undefined ||
    signature === undefined ||
    signature.length === 0
  ) {
    return refuse("malformed_header", "Expected the headers of PayPal in their documented form.");
  }
  return { id: id ?? "", time: time ?? "", timestamp, signature, certificateUrl: certificateUrl ?? "" };
}
