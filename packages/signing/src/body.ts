import { isAnyArrayBuffer, isUint8Array } from "node:util/types";
import { refuse } from "./reason.ts";

/** The raw bytes of a body, or `undefined` when it has been decoded or parsed already. */
export function rawBytes(body: unknown): Uint8Array | undefined {
  if (isUint8Array(body)) return body;
  return isAnyArrayBuffer(body) ? new Uint8Array(body) : undefined;
}

/** The refusal of a body that is not raw bytes; it says how to get them. */
export function refuseParsedBody(body: unknown) {
  const got =
    typeof body === "string" ? "a string, in which invalid bytes are lost" : `a parsed ${typeof body}`;
  return refuse(
    "body_already_parsed",
    `Expected the raw bytes of the body, got ${got}. Express: mount express.raw({ type: "*/*" }) on this route ` +
      `before express.json(). fetch: await request.arrayBuffer(). Fastify: a content type parser with parseAs: "buffer".`,
  );
}
