import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type App, freePort, spawnApp, until } from "@hooks/testkit";
import type { RecordedDelivery } from "../chaos/attempts.ts";
import type { Answer, Client } from "./client.ts";

export const senderMain = fileURLToPath(new URL("../../../apps/sender/dist/main.js", import.meta.url));
export const adminKey = "end-to-end-key-0123456789-0123456789";
export const apiHeaders = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };

/** The sender as a process that can be killed and started again on the same database and port. */
export interface SenderProcess {
  readonly url: string;
  app(): App;
  start(): Promise<void>;
}

export function senderEnvironment(port: number, databaseUrl: string): Record<string, string> {
  return {
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    HOOKS_ADMIN_KEY: adminKey,
    HOOKS_ALLOW_HTTP: "true",
    HOOKS_ALLOW_CIDRS: "127.0.0.0/8",
    HOOKS_RATE_PER_SECOND: "100000",
    HOOKS_RATE_BURST: "1000000",
    LOG_LEVEL: "warn",
  };
}

/** `contracts` is read anew at each start. Default: the package. */
export async function startSender(databaseUrl: string, contracts?: string): Promise<SenderProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...senderEnvironment(port, databaseUrl),
    ...(contracts === undefined ? {} : { HOOKS_CONTRACTS: contracts }),
  };
  const launch = () => spawnApp({ main: senderMain, env, readyUrl: `${url}/readyz` });
  // Where PostgreSQL does not answer in time it ends, and says so.
  const launchAgain = (error: Error) => {
    if (!error.message.includes("sender: PostgreSQL: ")) throw error;
    return launch();
  };
  let app = await launch().catch(launchAgain);
  return {
    url,
    app: () => app,
    start: async () => {
      app = await launch().catch(launchAgain);
    },
  };
}

/** Calls the API, with POST where there is a body, and gives the JSON of a 2xx. What is only read may come late. */
export function callApi<T>(url: string, path: string, body?: object): Promise<T> {
  if (body === undefined) return until(() => send<T>(`${url}${path}`, {}), { what: path });
  return send(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });
}

/** Makes something once, however late its store is. */
async function make(url: string, path: string, body: object): Promise<string> {
  const request = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "idempotency-key": randomUUID() },
  };
  return until(async () => (await send<{ id: string }>(`${url}${path}`, request)).id, {
    timeoutMs: 60_000,
    what: path,
  });
}

export function patchApi<T>(url: string, path: string, change: object): Promise<T> {
  return send(`${url}${path}`, { method: "PATCH", body: JSON.stringify(change) });
}

interface ApiRequest extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

async function send<T>(url: string, request: ApiRequest): Promise<T> {
  const response = await fetch(url, { ...request, headers: { ...apiHeaders, ...request.headers } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export interface NewEndpoint {
  readonly url: string;
  readonly secret: string;
}

/** Makes one subscriber with these endpoints; gives the endpoints' ids. */
export async function subscribe(url: string, endpoints: readonly NewEndpoint[]): Promise<readonly string[]> {
  const subscriber = await make(url, "/v1/subscribers", { name: "Acme" });
  const ids: string[] = [];
  for (const endpoint of endpoints) {
    const members = { ...endpoint, subscriber, eventTypes: ["invoice.*"] };
    ids.push(await make(url, "/v1/endpoints", members));
  }
  return ids;
}

/** Publishes an event whose data is its contract's example, with the id in its description. */
export async function loadExample(url: string): Promise<(client: Client, id: string) => Promise<Answer>> {
  const { examples } = await callApi<{ examples: readonly { object: object }[] }>(
    url,
    "/v1/event-types/invoice.paid",
  );
  const object = examples[0]?.object;
  return (client, id) => {
    const data = { object: { ...object, description: `“${id}” – Žluťoučký 🐎\u2028` } };
    return client.post("/v1/events", JSON.stringify({ type: "invoice.paid", id, data }), apiHeaders);
  };
}

interface Page<T> {
  readonly data: readonly T[];
  readonly next: string | null;
}

/** Every delivery there is, with the attempts of those that had more than one. */
export async function listDeliveries(url: string): Promise<readonly RecordedDelivery[]> {
  const found: RecordedDelivery[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<RecordedDelivery> = await callApi(url, `/v1/deliveries?limit=100${from}`);
    for (const { id } of page.data) found.push(await callApi<RecordedDelivery>(url, `/v1/deliveries/${id}`));
    cursor = page.next;
  }
  return found;
}
