// Whoever means no good: sends what nobody signed, at a pace, and holds slow sockets open, each from another address.
import { connect, type Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { type HttpConnection, openConnection } from "../http-connection.ts";
import { envelope } from "../payload.ts";
import { runPeer } from "./run-peer.ts";

/** Until the next question. */
export interface FloodQuestion {
  readonly url: string;
  /** 0 ends the flood. */
  readonly perSecond: number;
  readonly slowSockets: number;
  /** Whether there is a signature, which is wrong. */
  readonly isForged: boolean;
}

/** How many requests of the flood before the question were answered, by their status. */
export type FloodAnswer = Readonly<Record<string, number>>;

const connections = 32;

runPeer(() => {
  // Attackers have machines of their own: what this one takes must not be missing to the gateway.
  setPriority(constants.priority.PRIORITY_LOW);
  let ending = new AbortController();
  let running: Promise<FloodAnswer> = Promise.resolve({});
  return {
    answer: async (question) => {
      ending.abort();
      const answered = await running;
      ending = new AbortController();
      // The bench asks nothing else.
      running = flood(question as FloodQuestion, ending.signal);
      return answered;
    },
  };
});

async function flood(question: FloodQuestion, signal: AbortSignal): Promise<FloodAnswer> {
  const { perSecond, slowSockets, url } = question;
  if (perSecond === 0) return {};
  const statuses: Record<string, number> = {};
  const startedAt = performance.now();
  let next = 0;
  const follow = async () => {
    let connection: HttpConnection | undefined;
    while (!signal.aborted) {
      const own = next++;
      const earlyMs = startedAt + (own * 1_000) / perSecond - performance.now();
      if (earlyMs > 0) await pause(earlyMs);
      try {
        connection ??= await openConnection(url);
        const status = await connection.ask(toBytes(question, own));
        statuses[status] = (statuses[status] ?? 0) + 1;
      } catch {
        // Whoever is refused early may be cut off.
        statuses["none"] = (statuses["none"] ?? 0) + 1;
        connection = undefined;
      }
    }
    connection?.close();
  };
  const slow = Array.from({ length: slowSockets }, (_, index) => dawdle(question, index, signal));
  await Promise.all([...Array.from({ length: connections }, follow), ...slow]);
  return statuses;
}

function toBytes({ url, isForged }: FloodQuestion, number: number): Buffer {
  const { host, pathname } = new URL(url);
  const id = `evt_${String(number).padStart(26, "0")}`;
  const body = envelope(id, 1_000);
  const signature = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(Date.now() / 1_000)),
    "webhook-signature": `v1,${"A".repeat(43)}=`,
  };
  const fields = {
    host,
    "x-forwarded-for": `203.0.${(number >> 8) % 256}.${number % 256}`,
    "content-length": body.length,
    ...(isForged ? signature : {}),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

/** Sends a byte a second, and begins anew when it is cut off. */
async function dawdle(question: FloodQuestion, number: number, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(question.url);
  const bytes = toBytes(question, number);
  let socket: Socket | undefined;
  for (let sent = 0; !signal.aborted; sent += 1) {
    if (socket === undefined || socket.destroyed) {
      sent = 0;
      socket = connect(Number(port), hostname).on("error", () => {});
      socket.resume();
    }
    socket.write(bytes.subarray(sent, sent + 1));
    await pause(1_000, undefined, { signal }).catch(() => {});
  }
  socket?.destroy();
}
