import { randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import { respond, type RefusalCode } from "@hooks/receiver";
import { answer, type Receiving } from "@hooks/receiver/node";
import express, { type ErrorRequestHandler, type Express, type Response } from "express";

export interface AppOptions {
  readonly receive: Receiving["receive"];
  /** Whether events can be accepted now. */
  readonly isReady: () => Promise<boolean>;
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** A fault nobody expected. */
  readonly onError: (error: unknown) => void;
}

/**
 * The gateway's routes. Every refusal is problem+json. What is sent to a source does not go through express: its
 * routing costs as much as verifying the request does.
 */
export function createApp(options: AppOptions): RequestListener {
  const { receive, onError } = options;
  const app = createExpress(options);
  return (request, response) => {
    const source = sourceOf(request.url);
    if (source === undefined) {
      app(request, response);
      return;
    }
    answer({ receive }, { request, response, source }).catch((error: unknown) => {
      onError(error);
      response.destroy();
    });
  };
}

/** `/in/billing?x` -> `billing`, also behind scheme and host; `undefined` for all other paths. */
function sourceOf(given = ""): string | undefined {
  // RFC 9112, section 3.2.2: every server takes a whole URL, too.
  const url = given.startsWith("/") ? given : given.replace(/^https?:\/\/[^/?#]*/i, "");
  if (!url.startsWith("/in/")) return undefined;
  const query = url.indexOf("?");
  const name = url.slice(4, query < 0 ? undefined : query);
  return name === "" || name.includes("/") ? undefined : name;
}

function createExpress({ isReady, metrics, onError }: AppOptions): Express {
  const app = express();
  const readMetrics = shareAnswers(metrics);
  app.disable("x-powered-by").disable("etag").set("query parser", "simple").set("trust proxy", false);
  app.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/readyz", async (_request, response) => {
    const ready = await isReady();
    response.status(ready ? 200 : 503).json({ status: ready ? "ready" : "unavailable" });
  });
  app.get("/metrics", async (_request, response) => {
    response.type("text/plain; version=0.0.4").send(await readMetrics());
  });
  app.use((_request, response) => refuse(response, "not_found"));
  // oxlint-disable-next-line max-params -- express knows an error handler by its four parameters.
  const handleError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const isClients =
      typeof error === "object" && error !== null && "status" in error && Number(error.status) < 500;
    if (!isClients) onError(error);
    if (response.headersSent) response.destroy();
    else refuse(response, isClients ? "bad_request" : "internal_error");
  };
  return app.use(handleError);
}

/** Whoever asks while an answer is being made gets that one: each would cost as many questions to the inbox. */
function shareAnswers<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asking: Promise<Answer> | undefined;
  return () => (asking ??= ask().finally(() => (asking = undefined)));
}

function refuse(response: Response, code: RefusalCode): void {
  const { status, headers, body } = respond({ kind: "refused", code, requestId: randomUUID() });
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}
