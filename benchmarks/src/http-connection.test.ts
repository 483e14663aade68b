import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { openConnection } from "./http-connection.ts";

const request = Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, server };
}

describe("openConnection", () => {
  it("waits for the whole response, however long and however sent", async () => {
    let count = 0;
    const { origin, server } = await serve((_, response) => {
      count += 1;
      response.statusCode = 200 + count;
      if (count === 1) return void response.end("x".repeat(300_000));
      response.write("a");
      setImmediate(() => response.end("b"));
    });
    const connection = await openConnection(origin);
    expect(await connection.ask(request)).toBe(201);
    expect(await connection.ask(request)).toBe(202);
    connection.close();
    server.close();
  });

  it("connects anew when the server ends the connection with a response, and fails when it ends it without", async () => {
    let sockets = 0;
    const { origin, server } = await serve((given, response) => {
      if (given.url === "/end") return void given.socket.destroy();
      response.setHeader("connection", "close").end("ok");
    });
    server.on("connection", () => (sockets += 1));
    const connection = await openConnection(origin);
    expect(await connection.ask(request)).toBe(200);
    expect(await connection.ask(request)).toBe(200);
    expect(sockets).toBe(2);
    const ended = connection.ask(Buffer.from("GET /end HTTP/1.1\r\nhost: a\r\n\r\n"));
    await expect(ended).rejects.toThrow(/closed the connection|ECONNRESET/);
    connection.close();
    server.close();
  });
});
