import { setTimeout as pause } from "node:timers/promises";
import type { Backlog } from "./drain.ts";
import { type HttpConnection, openConnection } from "./http-connection.ts";
import { envelope } from "./payload.ts";
import { keyOf, signAsGitHub, signBare, textKeyOf } from "./peers/sign-bare.ts";

export interface LoadOptions {
  /** Where all requests go. */
  readonly url: string;
  readonly secret: string;
  readonly scheme: Scheme;
  /** What every answer must be. Default 202. */
  readonly status?: number | undefined;
  /** Of each body. */
  readonly bytes: number;
  /** Requests under way, each on a socket of its own. Default 64. */
  readonly connections?: number;
}

/** Whose signatures the requests bear. */
export type Scheme = keyof typeof schemes;

const schemes = {
  "standard-webhooks": { readKey: keyOf, sign: signBare },
  github: { readKey: textKeyOf, sign: signAsGitHub },
} as const;

const unavailable = 503;

/** Requests as a webhook sender makes them. Another answer than the expected one is a failure. */
export interface Load extends Backlog {
  /**
   * Sends what is prepared at an even pace, whatever becomes of it, and gives how many milliseconds each request took,
   * counted from when it was due.
   */
  pace(perSecond: number): Promise<readonly number[]>;
  /** Opens the connections, sends one request on each and keeps them open until `stop`. */
  hold(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes load: requests are signed beforehand, each with an id of its own, and sent as fast as they are answered. */
export function createLoad(options: LoadOptions): Load {
  const { url, secret, scheme, status: expected = 202, bytes, connections: count = 64 } = options;
  const { origin, host, pathname } = new URL(url);
  const key = schemes[scheme].readKey(secret);
  let connections: HttpConnection[] = [];
  let requests: Buffer[] = [];
  let made = 0;

  const sign = (): Buffer => {
    const id = `evt_${String(made++).padStart(26, "0")}`;
    const body = envelope(id, bytes);
    const length = { host, "content-type": "application/json", "content-length": body.length };
    const fields = Object.entries({ ...length, ...schemes[scheme].sign(key, { id, body }) });
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return Buffer.concat([Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines}\r\n`), body]);
  };
  const send = async (connection: HttpConnection, request: Buffer) => {
    const status = await connection.ask(request);
    if (status === expected) return;
    if (status !== unavailable) throw new Error(`${url} answered ${status}`);
    // Its Redis got no time on a busy machine. As senders do, it is asked again, at its own cost; it may have it by now.
    const again = await connection.ask(request);
    if (again === unavailable) await send(connection, request);
    else if (again !== expected && again !== 200) throw new Error(`${url} answered ${again}`);
  };
  const close = () => {
    for (const connection of connections.splice(0)) connection.close();
  };
  const open = async () => {
    close();
    connections = await Promise.all(Array.from({ length: count }, () => openConnection(origin)));
  };
  const run = async (connection: HttpConnection) => {
    for (let next = requests.pop(); next !== undefined; next = requests.pop()) await send(connection, next);
  };
  return {
    prepare: async (wanted) => {
      requests = Array.from({ length: wanted }, sign);
      // Anew each time: a server ends connections that were quiet between two turns.
      await open();
    },
    drain: async () => {
      await Promise.all(connections.map(run));
    },
    pace: async (perSecond) => {
      const tookMs: number[] = [];
      const startedAt = performance.now();
      let next = 0;
      const total = requests.length;
      const follow = async (connection: HttpConnection) => {
        for (let own = next++; own < total; own = next++) {
          const dueAt = startedAt + (own * 1_000) / perSecond;
          const earlyMs = dueAt - performance.now();
          if (earlyMs > 0) await pause(earlyMs);
          const request = requests[own];
          if (request !== undefined) await send(connection, request);
          tookMs.push(performance.now() - dueAt);
        }
      };
      await Promise.all(connections.map(follow));
      return tookMs;
    },
    hold: async () => {
      await open();
      await Promise.all(connections.map((connection) => send(connection, sign())));
    },
    stop: async () => close(),
  };
}
