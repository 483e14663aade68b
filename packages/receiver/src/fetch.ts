import { brokenOff, joinBytes, noRoom, tooLarge } from "./body-limits.ts";
import { respond } from "./core/respond.ts";
import type { Receiving } from "./node.ts";
import type { BodyRead, HoldBytes, ReadBody } from "./receive.ts";

export interface FetchHandlerOptions {
  /** The source of every request; default: the last segment of the path. */
  readonly source?: string;
  /**
   * Keeps the runtime awake for what goes on after the answer (a handler of a direct receiver whose time was over): in
   * Next.js `after`. Default: `waitUntil` of the third argument, which workers get.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** The client's address, which a `Request` does not tell. */
  readonly remoteAddress?: (request: Request) => string | undefined;
}

/** What a worker is called with; other runtimes have other arguments there, or none. */
export type FetchHandler = (
  request: Request,
  environment?: unknown,
  context?: { waitUntil?(work: Promise<unknown>): void },
) => Promise<Response>;

/** Handles requests of the fetch kind (Hono, Next.js, Deno, Bun, service workers): `(Request) => Promise<Response>`. */
export function createFetchHandler(
  receiving: Receiving,
  { source, remoteAddress, waitUntil }: FetchHandlerOptions = {},
): FetchHandler {
  return async (request, _environment, context) => {
    const receipt = await receiving.receive({
      source: source ?? lastSegment(request.url),
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: readFetchBody(request),
      remoteAddress: remoteAddress?.(request),
    });
    const background = receiving.background?.();
    if (background !== undefined && waitUntil !== undefined) waitUntil(background);
    else if (background !== undefined) context?.waitUntil?.(background);
    const { status, headers, body } = respond(receipt);
    // With 204 not even an empty text is allowed.
    return new Response(body === "" ? null : body, { status, headers });
  };
}

function lastSegment(url: string): string {
  return new URL(url).pathname.split("/").findLast((segment) => segment !== "") ?? "";
}

/** Said to whoever operates it. */
const usedBodyHint =
  "The body of the request was read before the webhook handler, so the signed bytes are gone. Give the handler the " +
  "request unread (in Hono `context.req.raw`), or read `request.clone()` instead.";

function readFetchBody(request: Request): ReadBody {
  return async (maxBytes, hold) => {
    if (request.bodyUsed) return { kind: "refused", code: "body_already_parsed", hint: usedBodyHint };
    try {
      return await readChunks(request, maxBytes, hold);
    } catch {
      return brokenOff;
    }
  };
}

async function readChunks(request: Request, maxBytes: number, hold: HoldBytes): Promise<BodyRead> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return tooLarge(maxBytes);
    if (!hold(chunk.byteLength)) return noRoom;
    chunks.push(chunk);
  }
  return { kind: "bytes", bytes: joinBytes(chunks, size) };
}
