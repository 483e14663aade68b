import { once } from "node:events";
import { createServer } from "node:http";
import express from "express";
import type { Cleanup } from "./cleanup.ts";
import { type ConsumedEvent, handleEvent } from "./handlers.ts";

export interface ConsumerOptions {
  readonly port: number;
  readonly onEvent: (event: ConsumedEvent) => void;
  readonly onGithub: (id: string) => void;
  /** Something came that cannot be handled. */
  readonly onRefused: (text: string) => void;
}

/**
 * An application behind the gateway. It trusts what the gateway has verified and does not deduplicate, so that every
 * event that comes twice shows. Gives its address.
 */
export async function startConsumer(options: ConsumerOptions, cleanup: Cleanup): Promise<string> {
  const app = express();
  app.use(express.json({ limit: "1mb" }));
  app.post("/events", (request, response) => {
    const handled = handleEvent(request.body);
    if (handled.ok) options.onEvent(handled);
    else options.onRefused(`the consumer could not handle an event: ${handled.reason}`);
    response.sendStatus(handled.ok ? 204 : 422);
  });
  app.post("/github", (request, response) => {
    options.onGithub(request.header("hooks-event-id") ?? "(no id)");
    response.sendStatus(204);
  });
  const server = createServer(app).listen(options.port, "127.0.0.1");
  await once(server, "listening");
  cleanup.add(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${options.port}`;
}
