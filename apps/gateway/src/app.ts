import { respond, type Receive, type RefusalCode } from "@hooks/receiver";
import { createExpressHandler } from "@hooks/receiver/express";
import express, { type ErrorRequestHandler, type Express, type Response } from "express";
import { randomUUID } from "node:crypto";

export interface AppOptions {
  readonly receive: Receive;
  /** Whether events can be accepted now. */
  readonly isReady: () => Promise<boolean>;
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** A fault nobody expected. */
  readonly onError: (error: unknown) => void;
}

/** The gateway's routes. Every refusal is problem+json. */
export function createApp({ receive, isReady, metrics, onError }: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", "simple").set("trust proxy", false);
  // First, and in front of everything that is not needed to receive.
  app.all("/in/:source", createExpressHandler({ receive }));
  app.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/readyz", async (_request, response) => {
    const ready = await isReady();
    response.status(ready ? 200 : 503).json({ status: ready ? "ready" : "unavailable" });
  });
  app.get("/metrics", async (_request, response) => {
    response.type("text/plain; version=0.0.4").send(await metrics());
  });
  app.use((_request, response) => refuse(response, "not_found"));
  // express knows an error handler by its four parameters.
  // oxlint-disable-next-line max-params
  const handleError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const isClients =
      typeof error === "object" && error !== null && "status" in error && Number(error.status) < 500;
    if (!isClients) onError(error);
    if (response.headersSent) response.destroy();
    else refuse(response, isClients ? "bad_request" : "internal_error");
  };
  return app.use(handleError);
}

function refuse(response: Response, code: RefusalCode): void {
  const { status, headers, body } = respond({ kind: "refused", code, requestId: randomUUID() });
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}
