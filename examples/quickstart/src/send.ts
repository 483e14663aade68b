import { build, contracts } from "@hooks/contracts/producer";
import { createSender } from "@hooks/sender";
import { createSqliteStore } from "@hooks/sender/sqlite";

const sender = createSender({
  store: createSqliteStore({ path: "./data/sender.db" }),
  contracts,
  http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"] }, // development; by default only public https
  report: console.log, // every attempt
});
const { id: subscriber } = await sender.subscribers.create({ name: "Acme" });
const secret = process.env.WEBHOOK_SECRET ?? "";
await sender.endpoints.create({ subscriber, url: "http://127.0.0.1:3000/webhooks/billing", secret });
await sender.start();
const data = { object: { id: "file_3Kx", deleted_at: new Date().toISOString() } };
console.log(await sender.publish({ ...build("file.deleted", { data }), subscriber }));
