import { refuse } from "./reason.ts";

/** Whether a value is a `Uint8Array`, also one of another realm, as test runners and `node:vm` make them. */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array || (ArrayBuffer.isView(value) && kindOf(value) === "[object Uint8Array]")
  );
}

/** The raw bytes of a body, or `undefined` when it has been decoded or parsed already. */
export function rawBytes(body: unknown): Uint8Array | undefined {
  if (isBytes(body)) return body;
  const kind = kindOf(body);
  // JSON has no way to write the symbol that would make a parsed object look like this.
  if (kind !== "[object ArrayBuffer]" && kind !== "[object SharedArrayBuffer]") return undefined;
  return new Uint8Array(body as ArrayBuffer);
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value);
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
