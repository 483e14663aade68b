import { decodeBase64 } from "../base64.ts";
import { KeyError } from "../key-error.ts";
import { decodeHex, utf8Bytes } from "./bytes.ts";
import type { HmacProvider } from "./provider.ts";

/** What a secret's text stands for. @throws KeyError for one that is blank, which anybody could guess, or written otherwise. */
export function parseSecret(
  { name, secret: form }: Pick<HmacProvider, "name" | "secret">,
  secret: unknown,
): Uint8Array<ArrayBuffer> {
  const bytes = isSecretText(secret) ? decoders[form](secret) : undefined;
  if (bytes === undefined || bytes.length === 0)
    throw new KeyError(`Expected a secret of ${name} in ${form}, not empty.`);
  return bytes;
}

/** Whether it is a text of more than white space. */
export function isSecretText(secret: unknown): secret is string {
  return typeof secret === "string" && secret.trim() !== "";
}

const decoders: Readonly<
  Record<HmacProvider["secret"], (text: string) => Uint8Array<ArrayBuffer> | undefined>
> = { utf8: utf8Bytes, base64: decodeBase64, hex: decodeHex };

const digestLengths = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** How long a row's signatures are. */
export function digestLength({ digest }: Pick<HmacProvider, "digest">): {
  readonly least: number;
  readonly most: number;
} {
  return { least: digestLengths[digest], most: digestLengths[digest] };
}
