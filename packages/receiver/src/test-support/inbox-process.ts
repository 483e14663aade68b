// Accepts, into the SQLite file that it is told, the event of each id that its parent sends, and answers what became of it.
import { Buffer } from "node:buffer";
import process from "node:process";
import type { InboxUnavailable } from "../inbox.ts";
import { createSqliteInbox } from "../inbox/sqlite.ts";

const inbox = createSqliteInbox({ path: process.argv[2] ?? "" });
const body = Buffer.alloc(20_000);
process.on("message", (eventId: string) => {
  const event = {
    source: "billing",
    eventId,
    eventType: undefined,
    headers: {},
    body,
    receivedAtMs: Date.now(),
  };
  inbox.accept(event).then(
    (result) => process.send?.(result),
    // Everything that an inbox throws is this.
    (error: InboxUnavailable) => process.send?.(error.code),
  );
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
