import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { HANDLERS } from "../handler-destination.ts";
import type { Inbox } from "../inbox.ts";
import { createSqliteInbox } from "../inbox/sqlite.ts";
import { signedRequest } from "../testing.ts";
import { createReceiver, type Receiver, type ReceiverReport } from "../receiver.ts";

/** A receiver with a source `billing`, and servers to mount it in. */
export interface Mounted {
  readonly receiver: Receiver;
  readonly reports: ReceiverReport[];
  listen(handler: RequestListener): Promise<string>;
  /** The bytes of the event that was stored last, which are then forgotten. */
  stored(): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

const secret = generateSecret();
export const maxBodyBytes = 10_000;

/** No JSON and no UTF-8: what comes through unchanged was not parsed on its way. */
export const anyBytes = Buffer.from([0x7b, 0x22, 0xff, 0x00, 0x22, 0x7d]);

export function mount(): Mounted {
  const inbox: Inbox = createSqliteInbox({ path: ":memory:" });
  const reports: ReceiverReport[] = [];
  const servers: Server[] = [];
  return {
    reports,
    receiver: createReceiver({
      sources: {
        billing: { provider: "standard-webhooks", secrets: [secret], maxBodyBytes },
        quiet: { provider: "gocardless", secrets: [secret] },
      },
      inbox,
      handlers: {},
      report: (report) => void reports.push(report),
    }),
    listen: async (handler) => {
      const server = createServer(handler).listen(0, "127.0.0.1");
      servers.push(server);
      await once(server, "listening");
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    stored: async () => {
      const [entry] = await inbox.claim({
        source: "billing",
        destination: HANDLERS,
        routes: [HANDLERS],
        limit: 1,
        leaseMs: 60_000,
      });
      return entry === undefined ? undefined : Buffer.from(entry.body);
    },
    close: async () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await inbox.close();
    },
  };
}

/** Of a provider that wants no body in answer. */
export const quietRequest = (url: string): Request =>
  signedRequest({ meta: { webhook_id: "WB1" }, events: [] }, { provider: "gocardless", secret, url });

export const signed = (body: Uint8Array): Record<string, string> => ({
  ...generateTestHeaders({ body, secret }),
});

export async function post(
  url: string,
  body: Buffer<ArrayBuffer> = anyBytes,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> {
  const response = await fetch(url, { method: "POST", body, headers: { ...signed(body), ...headers } });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

/** Posts a genuine body in pieces of 1,000 bytes, so without a declared length. */
export async function stream(url: string, body: Buffer): Promise<number> {
  let offset = 0;
  const pieces = new ReadableStream({
    pull: (controller) => {
      if (offset >= body.length) return controller.close();
      controller.enqueue(body.subarray(offset, (offset += 1_000)));
    },
  });
  const options = { method: "POST", body: pieces, headers: signed(body), duplex: "half" } as RequestInit;
  const response = await fetch(url, options);
  await response.text();
  return response.status;
}

/** Writes to a socket as it is; gives what comes back until the other side closes. */
export async function writeRaw(url: string, text: string, end: "wait" | "reset" = "wait"): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString("latin1"))).on("error", () => {});
  socket.write(text.replace("PATH", pathname), "latin1");
  if (end === "reset") setImmediate(() => socket.resetAndDestroy());
  await once(socket, "close");
  return answer;
}
