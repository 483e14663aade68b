import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receipt } from "./core/receipt.ts";
import { respond } from "./core/respond.ts";
import { readNodeBody } from "./node-body.ts";
import type { ReceiveRequest } from "./receive.ts";

/** What receives: a receiver, or a gateway's way in. */
export interface Receiving {
  receive(request: ReceiveRequest): Promise<Receipt>;
  /** What goes on after its request was answered; `undefined` when nothing does. */
  background?(): Promise<void> | undefined;
}

export interface NodeHandlerOptions {
  /** The source of every request; default: the first segment of the path. */
  readonly source?: string;
}

/** Handles requests of `node:http`: `createServer(createNodeHandler(receiver))`. */
export function createNodeHandler(
  receiving: Receiving,
  { source }: NodeHandlerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return (request, response) =>
    answer(receiving, { request, response, source: source ?? firstSegment(request.url) });
}

/** A request of a Node.js server, with the source it is for. */
export interface NodeExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly source: string;
  /** Default: the address of the connection. */
  readonly remoteAddress?: string | undefined;
}

/** Receives one request and writes the response. */
export async function answer(
  { receive }: Receiving,
  { request, response, source, remoteAddress = request.socket.remoteAddress }: NodeExchange,
): Promise<void> {
  const receipt = await receive({
    source,
    method: request.method ?? "",
    url: wholePath(request),
    isEncrypted: "encrypted" in request.socket,
    headers: request.headers,
    body: readNodeBody(request),
    remoteAddress,
  });
  if (response.destroyed || response.headersSent) return;
  const { status, headers, body } = respond(receipt);
  // RFC 9110, section 8.6: none with 204.
  const length = status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** As it came: express shortens `url` where it mounts something. */
function wholePath(request: IncomingMessage & { readonly originalUrl?: unknown }): string | undefined {
  return typeof request.originalUrl === "string" ? request.originalUrl : request.url;
}

/** `/billing?x` -> `billing`, also behind scheme and host. */
export function firstSegment(url = ""): string {
  return /^(?:https?:\/\/[^/?#]*)?\/?([^/?#]*)/i.exec(url)?.[1] ?? "";
}
