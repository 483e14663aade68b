import type { HmacProvider } from "../providers/provider.ts";
import type { SignatureFormat } from "../providers/signature-format.ts";

/** Writes the bytes of a signature. */
export function encode(signature: Buffer, encoding: HmacProvider["signature"]["encoding"]): string {
  switch (encoding) {
    case "hex":
    case "anyHex":
      return signature.toString("hex");
    case "HEX":
      return signature.toString("hex").toUpperCase();
    case "base64":
    case "base64url":
      return signature.toString(encoding);
    case "base64url-padded":
      return signature.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  }
}

interface Stamp {
  readonly text: string;
  readonly inSignature: HmacProvider["timestamp"];
}

/** Writes a signature among what else stands in its place. */
export function formatted(
  format: SignatureFormat | undefined,
  signature: string,
  { text, inSignature }: Stamp,
): string {
  switch (format?.kind) {
    case undefined:
    case "plain":
    case "list":
      return signature;
    case "prefix":
      return format.prefix + signature;
    case "fields": {
      const name = format.signatures[0] ?? "";
      const stamp = inSignature?.from === "signature" ? [`${inSignature.name}${format.assign}${text}`] : [];
      return [...stamp, `${name}${format.assign}${signature}`].join(format.separator);
    }
    case "tagged":
      return `${format.tags[0] ?? ""}${format.assign}${signature}`;
    case "positional":
      return format.timestampAt === 0
        ? `${text}${format.separator}${signature}`
        : `${signature}${format.separator}${text}`;
  }
}
