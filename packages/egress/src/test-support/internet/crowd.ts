// Run in the namespace: prints the order in which requests end, one to a good host among many to names whose server
// never answers.
import { createEgress } from "../../index.ts";
import { startCanary } from "./canary.ts";
import { goodNames, hostileNames } from "./names.ts";
import { startNameServer } from "./name-server.ts";
import { NAME_SERVER } from "./namespace.ts";

await startNameServer({ address: NAME_SERVER, names: { ...goodNames, ...hostileNames } });
await startCanary();
const egress = createEgress({ allowHttp: true, dnsTimeoutMs: 10_000 });
const ended: string[] = [];
const request = async (url: string) => {
  const result = await egress.request({ method: "GET", url, headers: {}, timeoutMs: 30_000 });
  ended.push(result.kind === "response" ? String(result.status) : result.reason);
};
const silent = Array.from({ length: 50 }, () => request("http://silent.evil.example/"));
await request("http://four.good.example/");
await Promise.all(silent);
process.stdout.write(JSON.stringify(ended), () => process.exit(0));
