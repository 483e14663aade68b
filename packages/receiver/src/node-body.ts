import type { IncomingMessage } from "node:http";
import { brokenOff, given, joinBytes, noRoom, tooLarge } from "./body-limits.ts";
import type { BodyRead, HoldBytes, ReadBody } from "./receive.ts";

/** How to get at the raw bytes of a request that some middleware has already read; said to whoever operates it. */
export const parsedBodyHint =
  "A body parser read the request before the webhook handler, so the signed bytes are gone. Mount the handler " +
  'before it (app.use("/webhooks", createExpressHandler(receiver)) above app.use(express.json())), or keep the bytes: ' +
  "express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } }).";

/**
 * Reads the raw body of a Node.js request, whatever has happened to it before: a `Buffer` in `rawBody` or `body` is
 * taken as it is, a string in `rawBody` where its bytes can be had back from it, an unread stream is read, and a body
 * that somebody else consumed is refused with `parsedBodyHint`.
 */
export function readNodeBody(request: IncomingMessage): ReadBody {
  return (maxBytes, hold) => {
    const bytes = keptBytes(request);
    if (bytes === undefined && !isParsed(request)) return readStream(request, maxBytes, hold);
    return Promise.resolve(
      bytes === undefined
        ? { kind: "refused", code: "body_already_parsed", hint: parsedBodyHint }
        : given(bytes, maxBytes),
    );
  };
}

/** Whether somebody has consumed the body and not kept its bytes. */
export function isParsed(request: IncomingMessage): boolean {
  return keptBytes(request) === undefined && (request.readableEnded || request.readableDidRead);
}

function keptBytes(request: IncomingMessage & { rawBody?: unknown; body?: unknown }): Uint8Array | undefined {
  const { rawBody, body } = request;
  if (rawBody instanceof Uint8Array) return rawBody;
  if (typeof rawBody === "string" && !rawBody.includes(replacement)) return Buffer.from(rawBody);
  return body instanceof Uint8Array ? body : undefined;
}

/** Stands in a string for bytes that were not UTF-8 and are lost. */
const replacement = "\uFFFD";

function readStream(request: IncomingMessage, maxBytes: number, hold: HoldBytes): Promise<BodyRead> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isOver = false;
    const end = (read: BodyRead) => {
      isOver = true;
      resolve(read);
      // Their room is given to others from now on.
      for (const chunk of chunks) if (read.kind === "refused" || read.bytes !== chunk) free(chunk, request);
    };
    const take = (chunk: Buffer) => {
      if (isOver) return free(chunk, request);
      size += chunk.length;
      if (size > maxBytes) end(tooLarge(maxBytes));
      else if (!hold(chunk.length)) end(noRoom);
      else chunks.push(chunk);
    };
    // What comes after the first answer says nothing any more. To take listeners off costs more than they do: they go
    // with the request.
    const finish = () => isOver || end({ kind: "bytes", bytes: joinBytes(chunks, size) });
    const abort = () => isOver || end(brokenOff);
    // Middleware before may have taken its time: of a client that has gone since then nothing more is heard.
    if (request.destroyed) abort();
    else request.on("data", take).on("end", finish).on("close", abort).on("error", abort);
  });
}

/** Gives memory back now: otherwise as much as is held may be garbage that nobody has collected yet. */
function free({ buffer, byteLength }: Buffer, request: IncomingMessage): void {
  // What has not come over the network (fastify's `inject`, adapters of function platforms) belongs to whoever made it up.
  const isReceived = request.socket.bytesRead > 0;
  const isOurs = isReceived && buffer.byteLength === byteLength && request.listenerCount("data") === 1;
  if (isOurs && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
