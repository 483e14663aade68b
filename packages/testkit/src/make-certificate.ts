import { createPublicKey, type KeyObject, sign } from "node:crypto";

/** What `makeCertificate` takes. */
export interface MakeCertificateOptions {
  /** Whose key the certificate is for: the private key, or the public one when an issuer signs. */
  readonly key: KeyObject;
  readonly commonName: string;
  /** Default: the key itself. */
  readonly issuer?: { readonly key: KeyObject; readonly commonName: string } | undefined;
  /** Default: from 2020 up to 2049. */
  readonly validFrom?: Date | undefined;
  readonly validTo?: Date | undefined;
  /** Whether it may issue others; default false. */
  readonly isAuthority?: boolean | undefined;
}

/** Makes an X.509 certificate (version 3, SHA-256) signed with an RSA or EC key; gives PEM. For tests: it checks nothing. */
export function makeCertificate({
  key,
  commonName,
  issuer = { key, commonName },
  validFrom = new Date(Date.UTC(2020, 0)),
  validTo = new Date(Date.UTC(2049, 0)),
  isAuthority = false,
}: MakeCertificateOptions): string {
  const algorithm = sequence(issuer.key.asymmetricKeyType === "ec" ? ecdsaSha256 : rsaSha256);
  const authority = sequence(oid("551d13"), octets(sequence(...(isAuthority ? [der(0x01, [0xff])] : []))));
  const certificate = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    algorithm,
    nameOf(issuer.commonName),
    sequence(time(validFrom), time(validTo)),
    nameOf(commonName),
    publicKeyOf(key).export({ format: "der", type: "spki" }),
    der(0xa3, sequence(authority)),
  );
  const signature = sign("sha256", certificate, issuer.key);
  const whole = sequence(certificate, algorithm, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function publicKeyOf(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}

function der(tag: number, content: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function octets(content: Uint8Array): Buffer {
  return der(0x04, content);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** The signature algorithms, RFC 4055 and RFC 5758. */
const rsaSha256 = oid("2a864886f70d01010b");
const ecdsaSha256 = oid("2a8648ce3d040302");

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))));
}

function time(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-T:]/g, "")}Z`));
}
