/**
 * An application that is killed while it handles events: `node victim.ts MODE LOG PLACE [PORT]`. It writes a line for each
 * event whose handler has ended.
 */
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { createConsumer } from "../consumer.ts";
import { createSqliteDedupe } from "../dedupe/sqlite.ts";
import { createDirectReceiver } from "../direct.ts";
import type { ReceivedEvent } from "../handlers.ts";
import { createSqliteInbox } from "../inbox/sqlite.ts";
import { createNodeHandler, type Receiving } from "../node.ts";
import { createReceiver } from "../receiver.ts";
import { victimSecret } from "./victim-secret.ts";

const [mode, log = "", place = "", port = "0"] = process.argv.slice(2);
const sources = { billing: { provider: "standard-webhooks", secrets: [victimSecret] } } as const;
const handlers = {
  "*": async ({ id }: ReceivedEvent) => {
    await wait(2);
    appendFileSync(log, `${id}\n`);
  },
};
/** Longer than a machine may stall: what is taken over from a process that lives is handled twice. */
const leaseMs = 5_000;
const concurrency = 8;

function serve(receiver: Receiving): void {
  createServer(createNodeHandler(receiver)).listen(Number(port), "127.0.0.1");
}

switch (mode) {
  case "durable": {
    const inbox = createSqliteInbox({ path: place });
    const receiver = createReceiver({ sources, inbox, handlers, leaseMs, concurrency });
    receiver.start();
    serve(receiver);
    break;
  }
  case "direct":
    serve(createDirectReceiver({ sources, dedupe: createSqliteDedupe({ path: place }), handlers, leaseMs }));
    break;
  case "consumer":
  case "ordered": {
    const ordered = mode === "ordered" ? { orderBy: "subject" } : {};
    const stream = { redis: place, stream: "orders", group: "app", ...ordered };
    createConsumer({ ...stream, handlers, leaseMs, concurrency }).start();
    break;
  }
}
