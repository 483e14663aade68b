import type { HmacProvider } from "../providers/provider.ts";

/** A digest as a row's signature is written. */
export function encode(digest: Buffer, encoding: HmacProvider["signature"]["encoding"]): string {
  switch (encoding) {
    case "hex":
    case "anyHex":
      return digest.toString("hex");
    case "HEX":
      return digest.toString("hex").toUpperCase();
    case "base64":
    case "base64url":
      return digest.toString(encoding);
    case "base64url-padded":
      return digest.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  }
}

/** A signature among what a row puts around it. */
export function format(
  { signature: { format: form = { kind: "plain" } } }: HmacProvider,
  text: string,
  time: string,
): string {
  switch (form.kind) {
    case "plain":
    case "list":
      return text;
    case "prefix":
      return form.prefix + text;
    case "tagged":
      return `${form.tags[0]}${form.assign}${text}`;
    case "positional":
      return form.timestampAt === 0 ? `${time}${form.separator}${text}` : `${text}${form.separator}${time}`;
    case "fields": {
      const field = `${form.signatures[0]}${form.assign}${text}`;
      return time === "" ? field : `${timeField(form)}${form.assign}${time}${form.separator}${field}`;
    }
  }
}

const timeFields: Readonly<Record<string, string>> = { h1: "ts", signature: "timestamp" };

/** The name that goes with the signature's own, as Stripe (`t`), Paddle (`ts`) and Buildkite have it. */
function timeField({ signatures }: { readonly signatures: readonly string[] }): string {
  return timeFields[signatures[0] ?? ""] ?? "t";
}
