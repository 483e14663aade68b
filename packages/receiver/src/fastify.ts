import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { respond } from "./core/respond.ts";
import { firstSegment, type Receiving } from "./node.ts";
import { readNodeBody } from "./node-body.ts";

export interface FastifyPluginOptions {
  /** The source of every request, which are then taken at the prefix itself; default: the first segment below it. */
  readonly source?: string;
}

/**
 * A plugin for fastify 5: `fastify.register(createFastifyPlugin(receiver), { prefix: "/webhooks" })` takes
 * `POST /webhooks/billing`.
 *
 * Requests are answered before fastify looks at their bodies, from the raw bytes, so that neither parsers nor
 * `preParsing` hooks of the application matter here, nor `bodyLimit`: the source's `maxBodyBytes` counts. Hooks
 * `onRequest` and `onSend` of the application run as for its other routes.
 */
export function createFastifyPlugin(
  receiving: Receiving,
  { source }: FastifyPluginOptions = {},
): FastifyPluginAsync {
  const receive = async (request: FastifyRequest, reply: FastifyReply) => {
    const { url, originalUrl, raw, ip } = request;
    const receipt = await receiving.receive({
      source: source ?? firstSegment(url.slice(request.server.prefix.length)),
      method: raw.method ?? "",
      url: originalUrl,
      isEncrypted: "encrypted" in raw.socket,
      headers: raw.headers,
      body: readNodeBody(raw),
      remoteAddress: ip,
    });
    const { status, headers, body } = respond(receipt);
    return reply.code(status).headers(headers).send(body);
  };
  return async (fastify: FastifyInstance) => {
    // The hook comes before the body is parsed; the route's handler is never reached.
    fastify.all(source === undefined ? "/*" : "/", { onRequest: receive }, receive);
  };
}
