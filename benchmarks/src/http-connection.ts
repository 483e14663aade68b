import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One socket to a server, for one request at a time. */
export interface HttpConnection {
  /** Sends the bytes of a whole request and gives the status of the response, once all of that is there. */
  ask(request: Buffer): Promise<number>;
  close(): void;
}

/** The barest client there is: what it takes of the machine, the server under test does not get. */
export async function openConnection(origin: string): Promise<HttpConnection> {
  const { hostname: host, port } = new URL(origin);
  let answered: ((status: number) => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  let received = "";

  const take = (chunk: Buffer) => {
    received += chunk.toString("latin1");
    const head = received.indexOf("\r\n\r\n");
    if (head < 0 || !isWhole(received, head)) return;
    const status = Number(received.slice(9, 12));
    // A server ends a connection after so many requests; it is told ahead.
    if (/\r\nconnection: close\r\n/i.test(received.slice(0, head + 2))) socket.destroy();
    received = "";
    answered?.(status);
  };
  const open = async (): Promise<Socket> => {
    const opened = connect({ host, port: Number(port), noDelay: true });
    await once(opened, "connect");
    opened.on("data", take);
    opened.on("error", (error) => failed?.(error));
    opened.on("close", () => failed?.(new Error(`${origin} closed the connection`)));
    return opened;
  };
  let socket = await open();
  return {
    ask: async (request) => {
      if (socket.destroyed) socket = await open();
      const status = await new Promise<number>((resolve, reject) => {
        answered = resolve;
        failed = reject;
        socket.write(request);
      });
      failed = undefined;
      return status;
    },
    close: () => socket.destroy(),
  };
}

/** Whether the body is there, too, as its head says how long it is. */
function isWhole(text: string, head: number): boolean {
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return length === undefined ? text.endsWith("\r\n0\r\n\r\n") : text.length >= head + 4 + Number(length);
}
