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
