import type { FetchKey } from "@hooks/signing/providers";

/** Somebody waits in front of a terminal. */
const timeoutMs = 10_000;

/** Fetches the keys that providers publish through a guarded client, each once however often it is asked for. */
export function createFetchKey(): FetchKey {
  const fetched = new Map<string, Promise<string>>();
  return (request) => {
    const key = JSON.stringify(request);
    const text = fetched.get(key) ?? fetchOnce(request);
    fetched.set(key, text);
    return text;
  };
}

async function fetchOnce({
  method = "GET",
  headers = {},
  ...request
}: Parameters<FetchKey>[0]): Promise<string> {
  // Most providers need none of it.
  const { createEgress } = await import("@hooks/egress");
  const result = await createEgress().request({ ...request, method, headers, timeoutMs });
  if (result.kind === "failed" || result.status < 200 || result.status > 299 || result.truncated)
    throw new Error("The key could not be fetched.");
  return new TextDecoder("utf-8", { fatal: true }).decode(result.body);
}
