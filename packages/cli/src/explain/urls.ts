import type { Attempt } from "./attempt.ts";
import type { Hypothesis } from "./hypothesis.ts";

/** Addresses that the provider may have called instead of the one given. */
export function* urlHypotheses(attempt: Attempt): Iterable<Hypothesis> {
  const { url, settings } = attempt;
  for (const [detail, candidate] of url === undefined ? [] : variantsOf(url, attempt))
    yield {
      cause: "url_changed",
      detail: `The URL that was signed ${detail}.`,
      attempt: { ...attempt, url: candidate },
    };
  for (const [name, value] of Object.entries(settings))
    for (const [detail, candidate] of /^https?:/.test(value) ? variantsOf(value, attempt) : [])
      yield {
        cause: "url_changed",
        detail: `The URL that was signed ${detail} (setting ${name}).`,
        attempt: { ...attempt, settings: { ...settings, [name]: candidate } },
      };
}

type Variant = readonly [detail: string, url: string];

/** Text for text: a provider signs the URL as it was typed into its form. */
function* variantsOf(url: string, { headers }: Attempt): Iterable<Variant> {
  const [, scheme = "", host = "", path = "", query = ""] =
    /^(https?):\/\/([^/?#]*)([^?#]*)([^#]*)/.exec(url) ?? [];
  if (scheme === "") return;
  const schemes = ["https", "http"];
  const forwarded = single(headers["x-forwarded-host"]);
  const own = single(headers["host"]);
  const bare = host.replace(/:\d+$/, "");
  const hosts = new Set([
    host,
    bare,
    `${bare}:443`,
    `${bare}:80`,
    forwarded ?? host,
    own ?? host,
    host.toLowerCase(),
  ]);
  const paths = new Set([
    path,
    path.replace(/\/$/, ""),
    path.endsWith("/") ? path : `${path}/`,
    decoded(path),
  ]);
  const queries = new Set([query, "", decoded(query)]);
  for (const oneScheme of schemes)
    for (const oneHost of hosts)
      for (const onePath of paths)
        for (const oneQuery of queries) {
          const candidate = `${oneScheme}://${oneHost}${onePath}${oneQuery}`;
          if (candidate === url) continue;
          const differs = [
            oneScheme !== scheme && `begins with ${oneScheme}:`,
            oneHost !== host && `has the host ${oneHost}`,
            onePath !== path && `has the path ${onePath === "" ? "left out" : onePath}`,
            oneQuery !== query && (oneQuery === "" ? "has no query" : "has its query decoded"),
          ].filter((one) => one !== false);
          yield [differs.join(" and "), candidate];
        }
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
