import { emitWarning } from "node:process";
import type { RequestHandler } from "express";
import { answer, firstSegment, type Receiving } from "./node.ts";
import { isParsed, parsedBodyHint } from "./node-body.ts";

export interface ExpressHandlerOptions {
  /** The source of every request; default: the route's `:source` parameter, else the first segment of the path. */
  readonly source?: string;
}

/**
 * Middleware for express 5 and 4: `app.use("/webhooks", createExpressHandler(receiver))` takes `POST /webhooks/billing`.
 *
 * It reads the raw bytes itself, or takes those that a body parser has kept in `request.rawBody` or `request.body`.
 * Mounted behind one that has consumed the request it answers 500 `body_already_parsed` and warns how to put it right,
 * because the signature can then not be checked. The client's address is `request.ip`, as `trust proxy` says.
 */
export function createExpressHandler(
  receiving: Receiving,
  { source }: ExpressHandlerOptions = {},
): RequestHandler {
  let warned = false;
  return async (request, response, next) => {
    if (!warned && isParsed(request)) {
      warned = true;
      emitWarning(parsedBodyHint, { type: "HooksWarning", code: "HOOKS_BODY_ALREADY_PARSED" });
    }
    const parameter: unknown = request.params?.["source"];
    const name = source ?? (typeof parameter === "string" ? parameter : firstSegment(request.path));
    try {
      await answer(receiving, { request, response, source: name, remoteAddress: request.ip });
    } catch (error) {
      // Express 4 does not hear of a rejection.
      next(error);
    }
  };
}
