import { type KeyObject, X509Certificate } from "node:crypto";
import { refuse, type Refusal } from "../reason.ts";
import { type FetchKey, fetchText } from "./fetch-key.ts";
import { createKeyCache } from "./key-cache.ts";

/** A certificate that came from one of the provider's addresses. */
export interface Certificate {
  readonly key: KeyObject;
  /** Unix seconds. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** What a provider's certificates must be. */
export interface CertificatePolicy {
  /** The whole address, anchored at both ends: scheme, host, path, and nothing behind it. */
  readonly url: RegExp;
  /** The subject's common name; any, when it is not said. */
  readonly commonNames?: readonly string[];
}

/** Finds the certificate at an address that a request names. Does not reject. */
export interface CertificateStore {
  find(url: string, nowSeconds: number): Promise<Certificate | Refusal>;
  /** Says that a signature was verified with it. */
  prove(url: string): void;
}

const maxAgeSeconds = 24 * 3600;
const maxCertificates = 5;
const leastBits = 2048;
const blocks = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,16384}?-----END CERTIFICATE-----/g;

/**
 * A store of the certificates that a provider publishes. The request names one by its address, so the address is held
 * against the policy before anything is fetched.
 *
 * What makes a certificate the provider's is that it came over TLS from the provider's own host. Beside that it must be
 * in date by the request's clock, have an RSA key of 2,048 bits or more and the expected name, and each certificate
 * that came with it must have issued the one before. It is not followed to a root: providers do not document one, and
 * who could answer for the provider's host could as well publish a key there.
 */
export function createCertificateStore(
  { url: address, commonNames }: CertificatePolicy,
  fetchKey: FetchKey | undefined,
): CertificateStore {
  const cache = createKeyCache<Certificate>();
  return {
    find: async (url, nowSeconds) => {
      if (url.length > 512 || !address.test(url)) {
        return refuse("malformed_header", "Expected the certificate's address to be one of the provider's.");
      }
      const load = async () => {
        const text = await fetchText(fetchKey, { url });
        return text === undefined ? undefined : readCertificate(text, commonNames);
      };
      const certificate = await cache.find({ name: url, nowSeconds, maxAgeSeconds, load });
      if (certificate === undefined) {
        return refuse(
          "key_unavailable",
          "The certificate could not be fetched, or is not one of the provider's.",
        );
      }
      if (nowSeconds < certificate.validFrom || nowSeconds > certificate.validTo) {
        return refuse("no_matching_key", "The certificate is not in date. Check the clock.");
      }
      return certificate;
    },
    prove: (url) => cache.prove(url),
  };
}

/** Reads a chain in PEM, the leaf first; `undefined` when it is none, or not as the policy wants. */
export function readCertificate(pem: string, commonNames?: readonly string[]): Certificate | undefined {
  const texts = pem.match(blocks) ?? [];
  if (texts.length > maxCertificates) return undefined;
  try {
    const chain = texts.map((text) => new X509Certificate(text));
    const [leaf] = chain;
    if (leaf === undefined || !isChain(chain) || !isStrong(leaf.publicKey)) return undefined;
    if (commonNames !== undefined && !commonNames.includes(commonNameOf(leaf))) return undefined;
    return { key: leaf.publicKey, validFrom: seconds(leaf.validFrom), validTo: seconds(leaf.validTo) };
  } catch {
    return undefined;
  }
}

function isChain(chain: readonly X509Certificate[]): boolean {
  return chain.every((certificate, index) => {
    const issuer = chain[index + 1];
    return (
      issuer === undefined ||
      (issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))
    );
  });
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) >= leastBits;
}

function commonNameOf({ subject }: X509Certificate): string {
  const names = subject.split("\n").filter((part) => part.startsWith("CN="));
  return names.length === 1 ? (names[0]?.slice(3) ?? "") : "";
}

function seconds(date: string): number {
  return Math.floor(Date.parse(date) / 1000);
}
