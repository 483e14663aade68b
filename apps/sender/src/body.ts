import type { IncomingMessage } from "node:http";
import { Refusal } from "./problem.ts";

/** The client went away before it had sent everything; nobody is left to be answered. */
export class ClientGone extends Error {
  constructor() {
    super("The client closed the connection");
    this.name = "ClientGone";
  }
}

const JSON_TYPE = /^application\/(?:[a-z0-9!#$&^_.+-]{1,100}\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?;?$/i;

/**
 * The bytes of a request's body, at most `maxBytes`; `undefined` when it has none. What its headers say is judged before
 * a byte is read. Throws a `Refusal`, or `ClientGone`.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  const declared = request.headers["content-length"];
  if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
  const isChunked = request.headers["transfer-encoding"] !== undefined;
  if (!isChunked && (declared === undefined || declared === "0")) return undefined;
  checkEncoding(request.headers["content-encoding"]);
  checkType(request.headers["content-type"]);
  return collect(request, maxBytes);
}

function checkEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === "identity") return;
  throw new Refusal("unsupported_encoding", "Expected a body without Content-Encoding");
}

function checkType(type: string | undefined): void {
  if (type !== undefined && JSON_TYPE.test(type.trim())) return;
  throw new Refusal("unsupported_media_type", "Expected Content-Type: application/json (UTF-8)", {
    headers: { accept: "application/json" },
  });
}

function collect(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const onData = (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      request.off("data", onData);
      // The rest is thrown away as it comes; the request timeout bounds how long that can go on.
      request.resume();
      reject(tooLarge(maxBytes));
    };
    request.on("data", onData);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", () => reject(new ClientGone()));
    request.once("close", () => reject(new ClientGone()));
  });
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal("payload_too_large", `Expected at most ${maxBytes} bytes`);
}
