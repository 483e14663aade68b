import { randomUUID } from "node:crypto";
import type { Sender } from "@hooks/sender";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { Logger } from "pino";
import { answerCatalog, CATALOG_PATH } from "./answer-catalog.ts";
import { type Caller, createAuth } from "./auth.ts";
import { ClientGone, readBody } from "./body.ts";
import { createCursors } from "./cursor.ts";
import { scopedKey } from "./idempotency-key.ts";
import type { Metrics } from "./metrics.ts";
import { problemOf, problems, Refusal } from "./problem.ts";
import type { Limit } from "./rate-limit.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Answer, Route } from "./route.ts";
import { createRoutes } from "./routes.ts";
import { throttle } from "./throttle.ts";

export interface AppOptions {
  readonly sender: Sender;
  readonly metrics: Metrics;
  readonly adminKey: string;
  /** Of requests, for each API key. */
  readonly requests: Limit;
  /** Of wrong API keys, for each address. */
  readonly failures: Limit;
  readonly log: Logger;
  readonly isOpen: () => boolean;
}

/** What is known of a request while it is answered. */
interface Exchange extends Record<string, unknown> {
  requestId: string;
  caller?: Caller;
  /** The matched route's path, the only name of it that metrics may have. */
  route?: string;
}

type Handler = RequestHandler<Record<string, string>, unknown, unknown, Record<string, unknown>, Exchange>;
type ErrorHandler = ErrorRequestHandler<
  Record<string, string>,
  unknown,
  unknown,
  Record<string, unknown>,
  Exchange
>;

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

/** The management API. */
export function createApp(options: AppOptions): Express {
  const { sender, metrics, adminKey, isOpen } = options;
  const routes = createRoutes({ sender, metrics, isOpen, cursors: createCursors(adminKey) });
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.set("query parser", "simple");
  app.set("trust proxy", false);
  app.use(beginExchange(options));
  app.use("/v1", admit(options));
  for (const route of routes) app[route.method](expressPath(route.path), answerRoute(route));
  for (const [path, group] of Map.groupBy(routes, (route) => route.path))
    app.all(expressPath(path), refuseMethod(group));
  app.use(CATALOG_PATH, nameRoute(CATALOG_PATH), answerCatalog(sender.contracts));
  app.use(refusePath);
  app.use(answerError(options));
  return app;
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function beginExchange({ log, metrics }: AppOptions): Handler {
  return (request, response, next) => {
    const startedMs = performance.now();
    response.locals.requestId = `req_${randomUUID()}`;
    response.set({ ...SECURITY_HEADERS, "x-request-id": response.locals.requestId });
    response.once("close", () => {
      const { requestId, route = "unmatched" } = response.locals;
      const { method } = request;
      const status = response.writableFinished ? response.statusCode : 499;
      metrics.requested({ route, method: route === "unmatched" ? "any" : method, status });
      log.debug(
        { requestId, route, method, status, durationMs: Math.round(performance.now() - startedMs) },
        "request",
      );
    });
    next();
  };
}

/** Who it is, and whether they have not had too much. */
function admit({ adminKey, failures, requests }: AppOptions): Handler {
  const authenticate = createAuth({ adminKey, failures });
  return async (request, response, next) => {
    const caller = await authenticate(request.headers.authorization, request.socket.remoteAddress);
    response.set(await throttle(requests, caller.key));
    response.locals.caller = caller;
    next();
  };
}

/** What is not a route of the API has a name in the metrics too. */
function nameRoute(path: string): Handler {
  return (_request, response, next) => {
    response.locals.route = path;
    next();
  };
}

function answerRoute(route: Route): Handler {
  return async (request, response) => {
    response.locals.route = route.path;
    const key = route.method === "post" ? request.get("idempotency-key") : undefined;
    if (key !== undefined && !route.isIdempotent)
      throw new Refusal("invalid_idempotency_key", "This operation does not take an Idempotency-Key");
    const ifMatch = route.isConditional ? request.get("if-match") : undefined;
    const scope = { caller: response.locals.caller?.key ?? "", operation: route.operationId };
    const idempotency = key === undefined ? {} : { idempotencyKey: scopedKey(key, scope) };
    const bytes = route.body === undefined ? undefined : await readBody(request, route.body.maxBytes);
    const answer = await route.run({
      params: request.params,
      query: request.query,
      bytes,
      idempotency,
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });
    send(response, answer);
  };
}

function send(response: Parameters<Handler>[1], { status, json, text, headers = {} }: Answer): void {
  response.status(status).set(headers);
  if (json !== undefined) response.setHeader("content-type", "application/json").end(JSON.stringify(json));
  else if (text !== undefined) response.setHeader("content-type", text.type).end(text.body);
  else response.end();
}

function refuseMethod(routes: readonly Route[]): Handler {
  const methods = routes.map(({ method }) => method.toUpperCase());
  const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].toSorted().join(", ");
  return (request) => {
    throw new Refusal("method_not_allowed", `Expected ${allow}, got ${request.method}`, {
      headers: { allow },
    });
  };
}

const refusePath: Handler = () => {
  throw new Refusal("not_found", "There is nothing at this path");
};

/** Answers every error there is. */
function answerError({ log }: AppOptions): ErrorHandler {
  // oxlint-disable-next-line max-params -- Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const { requestId } = response.locals;
    if (error instanceof ClientGone || response.headersSent) {
      response.destroy();
      return;
    }
    const refusal = refusalOf(error);
    const { status } = problems[refusal.code];
    if (status >= 500) log.error({ requestId, method: request.method, code: refusal.code, error }, "refused");
    response.status(status).set(refusal.headers);
    response.setHeader("content-type", "application/problem+json");
    response.end(JSON.stringify(problemOf(refusal, requestId)));
  };
}
