/** What a contract says about its end: `x-deprecation`, under `x-lifecycle: deprecated`. */
export interface Deprecation {
  readonly effectiveMs: number;
  /** When it is removed, if that is known. Not before `effectiveMs`. */
  readonly removalMs?: number;
  /** What to use instead: a version, a type or a URL. */
  readonly alternative?: string;
  /** An absolute http(s) URL. */
  readonly documentation?: string;
}

/** The deprecation of a version, by its schema; undefined when it has none that says from when. */
export function deprecationOf(schema: unknown): Deprecation | undefined {
  if (!isRecord(schema) || schema["x-lifecycle"] !== "deprecated") return undefined;
  const said = schema["x-deprecation"];
  if (!isRecord(said)) return undefined;
  const effectiveMs = timeOf(said["effective"]);
  if (effectiveMs === undefined) return undefined;
  const removalMs = timeOf(said["removal"]);
  const documentation = urlOf(said["documentation"]);
  const { alternative } = said;
  return {
    effectiveMs,
    ...(removalMs === undefined || removalMs < effectiveMs ? {} : { removalMs }),
    ...(typeof alternative === "string" && alternative !== "" ? { alternative } : {}),
    ...(documentation === undefined ? {} : { documentation }),
  };
}

/** What deliveries of a deprecated version carry: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`. */
export function headersOf(deprecation: Deprecation): Readonly<Record<string, string>> {
  const { effectiveMs, removalMs, alternative, documentation } = deprecation;
  const successor = urlOf(alternative);
  const links = [
    ...(documentation === undefined ? [] : [`<${documentation}>; rel="deprecation"`]),
    ...(documentation === undefined || removalMs === undefined ? [] : [`<${documentation}>; rel="sunset"`]),
    ...(successor === undefined ? [] : [`<${successor}>; rel="successor-version"`]),
  ];
  return {
    deprecation: `@${Math.floor(effectiveMs / 1_000)}`,
    ...(removalMs === undefined ? {} : { sunset: new Date(removalMs).toUTCString() }),
    ...(links.length === 0 ? {} : { link: links.join(", ") }),
  };
}

function timeOf(text: unknown): number | undefined {
  const timeMs = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** Written anew, so that nothing in it can end the header. */
function urlOf(text: unknown): string | undefined {
  const url = typeof text === "string" ? URL.parse(text) : null;
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.href : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
