import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

/** Stands before a PostgreSQL and lets everything pass, except for one answer that it is told to steal. */
export interface AnswerThief {
  /** The URL of the server, through it. */
  readonly url: string;
  /** The next time that this prepared statement is run, its connection is cut as soon as the server has answered. */
  steal(statement: string): void;
  /** How many answers were stolen. */
  stolen(): number;
  close(): void;
}

/** Says at the end of an answer that the server is idle: what was asked for is committed. */
const READY = Buffer.from("Z\0\0\0\x05I", "latin1");

export async function startAnswerThief(serverUrl: string): Promise<AnswerThief> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let wanted: string | undefined;
  let count = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let isToSteal = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk) => {
      if (wanted !== undefined && chunk.includes(`\0${wanted}\0`)) {
        wanted = undefined;
        isToSteal = true;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!isToSteal) return void client.write(chunk);
      if (!chunk.subarray(-READY.length).equals(READY)) return;
      count += 1;
      client.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(serverUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    steal: (statement) => (wanted = statement),
    stolen: () => count,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
