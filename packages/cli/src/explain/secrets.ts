import type { Provider, PublicKeyProvider } from "@hooks/signing/providers";
import type { Attempt } from "./attempt.ts";
import type { Hypothesis } from "./hypothesis.ts";

/** Keys that the sender may have made of the same secret. */
export function* secretHypotheses(attempt: Attempt): Iterable<Hypothesis> {
  for (const secret of attempt.secrets) {
    for (const [detail, text] of textsOf(secret))
      if (text !== secret)
        yield { cause: "secret_encoding", detail, attempt: { ...attempt, secrets: [text] } };
    if (attempt.provider.kind === "public-key") yield* publicKeysOf(attempt.provider, attempt);
    for (const [detail, bytes] of keysOf(secret)) {
      const provider = bytes.length === 0 ? undefined : takingKey(attempt.provider, bytes);
      if (provider !== undefined)
        yield { cause: "secret_encoding", detail, attempt: { ...attempt, ...provider } };
    }
  }
}

function* publicKeysOf(row: PublicKeyProvider, attempt: Attempt): Iterable<Hypothesis> {
  for (const key of ["hex", "base64", "spki-base64", "spki-pem"] as const)
    if (key !== row.key)
      yield {
        cause: "secret_encoding",
        detail: `The public key was given as ${key}; ${row.name} shows it as ${row.key}.`,
        attempt: { ...attempt, provider: { ...row, key } },
      };
}

type Told<Value> = readonly [detail: string, value: Value];

function* textsOf(secret: string): Iterable<Told<string>> {
  yield ["The secret was given with white space around it.", secret.trim()];
  yield ["The secret was given in quotation marks.", secret.trim().replace(/^(["'])(.*)\1$/s, "$2")];
  yield ["The secret was given URL-encoded.", urlDecoded(secret)];
  yield ["The secret was given with \\n for its line breaks.", secret.replaceAll("\\n", "\n")];
  yield ["The secret was given without its prefix.", `whsec_${secret}`];
}

function* keysOf(given: string): Iterable<Told<Buffer>> {
  const secret = given.trim();
  const bare = secret.replace(/^[A-Za-z]+_(?:[a-z]+_)?/, "");
  yield ["The key is the secret's text as it stands, not what it decodes to.", Buffer.from(secret)];
  if (bare !== secret) yield ["The key is the secret's text without its prefix.", Buffer.from(bare)];
  for (const text of new Set([secret, bare])) {
    const words = text === secret ? "" : " without its prefix";
    if (/^(?:[0-9a-f]{2})+$/i.test(text))
      yield [`The key is what the secret${words} decodes to as hex.`, Buffer.from(text, "hex")];
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(text))
      yield [`The key is what the secret${words} decodes to as base64.`, Buffer.from(text, "base64")];
    if (/^[A-Za-z0-9_-]+={0,2}$/.test(text))
      yield [`The key is what the secret${words} decodes to as base64url.`, Buffer.from(text, "base64url")];
  }
}

/** The row with these bytes for its key, where a row takes any bytes. */
function takingKey(provider: Provider, bytes: Buffer): Pick<Attempt, "provider" | "secrets"> | undefined {
  switch (provider.kind) {
    case "hmac":
      return { provider: { ...provider, secret: "hex" }, secrets: [bytes.toString("hex")] };
    case "standard-webhooks":
      return { provider, secrets: [`whsec_${bytes.toString("base64")}`] };
    case "token":
    case "public-key":
    case "jwt":
    case "http-message-signature":
    case "adapter":
      return undefined;
  }
}

function urlDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
