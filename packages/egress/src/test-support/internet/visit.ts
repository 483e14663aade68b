// Run in the namespace: sends each client named in the arguments to every URL, and prints what became of it.
import { startCanary } from "./canary.ts";
import { clients } from "./clients.ts";
import { goodNames, hostileNames } from "./names.ts";
import { startNameServer } from "./name-server.ts";
import { NAME_SERVER } from "./namespace.ts";
import { goodUrls, hostileUrls, redirectingUrls } from "./targets.ts";

/** One client at one URL. */
export interface Visit {
  readonly client: string;
  readonly url: string;
  /** A status or a failure for each request. */
  readonly outcomes: readonly string[];
  /** The addresses besides the good ones that were connected to. */
  readonly reached: readonly string[];
}

/** Often enough for every rebinding name to have turned. */
const ROUNDS = 4;

const nameServer = await startNameServer({ address: NAME_SERVER, names: { ...goodNames, ...hostileNames } });
const canary = await startCanary();
const visits: Visit[] = [];
for (const client of process.argv.slice(2)) {
  const request = clients[client]?.();
  if (request === undefined) throw new Error(`There is no client ${client}`);
  nameServer.forget();
  for (const url of [...goodUrls, ...redirectingUrls, ...hostileUrls]) {
    const rounds = url.includes("rebind") ? ROUNDS : 1;
    const outcomes: string[] = [];
    while (outcomes.length < rounds) outcomes.push(await request(url));
    visits.push({ client, url, outcomes, reached: canary.take() });
  }
}
process.stdout.write(JSON.stringify(visits), () => process.exit(0));
