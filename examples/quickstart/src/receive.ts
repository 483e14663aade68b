import * as contracts from "@hooks/contracts";
import { createReceiver } from "@hooks/receiver";
import { createExpressHandler } from "@hooks/receiver/express";
import { createSqliteInbox } from "@hooks/receiver/sqlite";
import express from "express";

const receiver = createReceiver({
  sources: { billing: { provider: "standard-webhooks", secrets: [process.env.WEBHOOK_SECRET ?? ""] } },
  inbox: createSqliteInbox({ path: "./data/inbox.db" }),
  contracts,
  handlers: { "file.deleted": (event) => console.log("deleted", event.data.object.id) },
  report: console.log, // every request and attempt; leave it out for silence
});
receiver.start();
express().use("/webhooks", createExpressHandler(receiver)).listen(3000);
