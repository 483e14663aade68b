import { providers, type Provider } from "@hooks/signing/providers";
import type { Attempt } from "./attempt.ts";
import type { Hypothesis } from "./hypothesis.ts";

/** Headers that a proxy or a copy changed on their way. */
export function* headerHypotheses(attempt: Attempt): Iterable<Hypothesis> {
  const { headers } = attempt;
  const renamed = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/^http_/, "").replaceAll("_", "-"), value]),
  );
  const cause = "header_changed";
  if (Object.keys(renamed).join() !== Object.keys(headers).join()) {
    const detail = "Header names were written with underscores, as CGI does.";
    yield { cause, detail, attempt: { ...attempt, headers: renamed } };
  }
  if (headers["content-type"] === undefined) {
    const type = "application/x-www-form-urlencoded";
    const detail = `The header content-type: ${type} was not given.`;
    yield {
      cause: "header_missing",
      detail,
      attempt: { ...attempt, headers: { ...headers, "content-type": type } },
    };
  }
  for (const [name, value] of Object.entries(headers)) {
    const values = typeof value === "string" ? [value] : value;
    for (const [what, text] of values.flatMap((one) => [...repairsOf(one)]))
      if (text !== value)
        yield {
          cause,
          detail: `The header ${name} ${what}.`,
          attempt: { ...attempt, headers: { ...headers, [name]: text } },
        };
  }
}

function* repairsOf(value: string): Iterable<readonly [what: string, text: string]> {
  yield ["was there twice", value];
  yield ["was joined of several", value.split(",")[0] ?? ""];
  yield ["was put in quotation marks", value.trim().replace(/^(["'])(.*)\1$/, "$2")];
  yield ["lost its plus signs", value.replaceAll(" ", "+")];
  yield ["was written in capitals", value.toLowerCase()];
  if (/%[0-9A-F]{2}/i.test(value)) yield ["was URL-encoded", urlDecoded(value)];
}

const digests = new Map([
  [20, "sha1"],
  [32, "sha256"],
  [48, "sha384"],
  [64, "sha512"],
] as const);

/** Signatures of the same message that stand in another header, or are made with another hash function. */
export function* signatureHypotheses(attempt: Attempt): Iterable<Hypothesis> {
  const { provider, headers } = attempt;
  if (provider.kind !== "hmac") return;
  for (const [name, value] of Object.entries(headers)) {
    const [, prefix = "", text = ""] =
      typeof value === "string"
        ? (/^([A-Za-z0-9]+[=,] ?)?([0-9A-Za-z+/_-]{27,128}={0,2})$/.exec(value) ?? [])
        : [];
    for (const encoding of ["anyHex", "base64", "base64url"] as const) {
      const bytes = encoding === "anyHex" ? "hex" : encoding;
      const digest = digests.get(Buffer.from(text, bytes).length as 20 | 32 | 48 | 64);
      if (digest === undefined) continue;
      const format = prefix === "" ? ({ kind: "plain" } as const) : ({ kind: "prefix", prefix } as const);
      const row: Provider = { ...provider, digest, signature: { from: "header", name, format, encoding } };
      yield {
        cause: "wrong_header",
        detail: `The header ${name} is signed (${digest}), but it is not the one that ${provider.name} is verified by.`,
        attempt: { ...attempt, provider: row },
      };
    }
  }
}

/** The rows of other providers, with the same secrets. */
export function* providerHypotheses(attempt: Attempt): Iterable<Hypothesis> {
  const rows: readonly Provider[] = Object.values(providers);
  for (const provider of rows)
    if (provider.id !== attempt.provider.id)
      yield {
        cause: "other_provider",
        detail: `The request is signed as ${provider.name} signs: --provider ${provider.id}.`,
        attempt: { ...attempt, provider },
      };
}

function urlDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
