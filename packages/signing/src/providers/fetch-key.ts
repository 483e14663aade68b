/** What is asked of a `FetchKey`: a plain request to an address that was checked against the provider's row. */
export interface KeyRequest {
  /** `https:`; its host is one of the row's. */
  readonly url: string;
  /** Default `GET`. */
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Fetches a certificate, a key set or a key's document, and gives the text of a successful (2xx) answer. The caller
 * brings the client: guarded against blocked addresses, with a timeout, following no redirects, reading no more than
 * 64 kB. Throwing or rejecting means that there is no key at the moment: the request is refused as `key_unavailable`,
 * to be answered with 503 so that the provider sends it again.
 */
export type FetchKey = (request: KeyRequest) => Promise<string>;

/** Texts longer than this are no key. */
const longest = 64 * 1024;

/** Asks for a text; `undefined` for whatever goes wrong. */
export async function fetchText(
  fetchKey: FetchKey | undefined,
  request: KeyRequest,
): Promise<string | undefined> {
  if (fetchKey === undefined) return undefined;
  try {
    const text: unknown = await fetchKey(request);
    return typeof text === "string" && text.length <= longest ? text : undefined;
  } catch {
    // The caller's client knows the cause and has it in its own log.
    return undefined;
  }
}
