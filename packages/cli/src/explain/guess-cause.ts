import { providers, type Provider, type ProviderVerification } from "@hooks/signing/providers";
import { tryWhenever, type Attempt } from "./attempt.ts";
import type { Cause } from "./hypothesis.ts";

type Refusal = Extract<ProviderVerification, { readonly ok: false }>;

/** What is left when nothing that was tried helps. */
export interface Guess {
  readonly cause: Cause;
  readonly details: readonly string[];
  readonly proven: false;
}

/** The likeliest cause of a refusal that no change of the request undoes. */
export async function guessCause(attempt: Attempt, refusal: Refusal): Promise<Guess> {
  const [cause, ...details] =
    missingSetting(attempt) ??
    (refusal.reason === "key_unavailable" ? (["key_unavailable", refusal.hint] as const) : undefined) ??
    (await missingUrl(attempt, refusal)) ??
    headerAtFault(attempt, refusal) ??
    bodyAtFault(attempt) ??
    wrongSecret;
  return { cause, details, proven: false };
}

type Told = readonly [Cause, ...string[]];

const wrongSecret: Told = [
  "wrong_secret",
  "No change of the body, the headers or the URL that was tried makes the signature right: most likely it was made with another secret.",
  "If the secret is right, this body is not the one that was signed: take its raw bytes, before anything parses it.",
];

function missingSetting({ provider, settings }: Attempt): Told | undefined {
  const missing = Object.entries(provider.settings ?? {}).find(
    ([name, { required }]) => required === true && settings[name] === undefined,
  );
  if (missing === undefined) return undefined;
  const [name, { expected }] = missing;
  return ["setting_missing", `${provider.name} needs --setting ${name}=…: ${expected}.`];
}

/** Any URL would have led to another refusal. */
async function missingUrl(attempt: Attempt, refusal: Refusal): Promise<Told | undefined> {
  if (attempt.url !== undefined) return undefined;
  const result = await tryWhenever({ ...attempt, url: "https://example.com/" });
  if (result.ok || result.hint === refusal.hint) return undefined;
  if (!["malformed_header", "missing_header"].includes(refusal.reason)) return undefined;
  return [
    "url_missing",
    `${attempt.provider.name} signs the URL as it calls it: --url says which it was.`,
    refusal.hint,
  ];
}

function headerAtFault({ provider, headers }: Attempt, { reason, hint }: Refusal): Told | undefined {
  if (reason === "malformed_header") return ["header_changed", hint];
  if (reason !== "missing_header") return undefined;
  const rows: readonly Provider[] = Object.values(providers);
  const others = rows.filter(
    (row) => row.id !== provider.id && (headers[signatureHeaderOf(row)] ?? "") !== "",
  );
  // Most of those with its header follow Standard Webhooks; any other header that many providers use tells nothing.
  const standard = others.find(({ kind }) => kind === "standard-webhooks");
  const likely = standard === undefined ? others : [standard];
  if (likely.length === 0 || likely.length > 3) return ["header_missing", hint];
  const names = likely.map(({ name }) => name).join(" or ");
  const flags = likely.map(({ id }) => `--provider ${id}`).join(" or ");
  return ["other_provider", `The headers are those of ${names}: try ${flags}.`, hint];
}

/** The header that a row's signature stands in; nothing for those elsewhere. */
function signatureHeaderOf(row: Provider): string {
  switch (row.kind) {
    case "standard-webhooks":
      return row.headers.signature;
    case "hmac":
    case "public-key":
      return row.signature.from === "header" ? row.signature.name : "";
    case "token":
    case "jwt":
      return row.token.from === "header" ? row.token.name : "";
    case "http-message-signature":
      return "signature-input";
    case "adapter":
      return "";
  }
}

/** What stands for bytes that are not UTF-8. */
const replacement = "\ufffd";

function bodyAtFault({ body }: Attempt): Told | undefined {
  if (body.length === 0)
    return ["bytes_lost", "The body is empty: --body is not given, or something had read it before."];
  if (body.toString("latin1") === "[object Object]")
    return ["bytes_lost", "An object was written as text, which loses all of it; take the raw bytes."];
  if (body.includes(replacement))
    return [
      "bytes_lost",
      "The body has U+FFFD in it, which stands where bytes that are not UTF-8 were lost; take the raw bytes.",
    ];
  return undefined;
}
