import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createDrain } from "./drain.ts";

describe("createDrain", () => {
  it("answers what is under way, ends its kept connection with the answer, and ends idle ones at once", async () => {
    const held: ServerResponse[] = [];
    const server = createServer((request, response) => {
      if (request.url === "/held") held.push(response);
      else response.end();
    });
    const drain = createDrain(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true });
    const ask = async (path: string) => {
      const [response] = (await once(get({ port, path, agent }), "response")) as [IncomingMessage];
      response.resume();
      return response.headers.connection;
    };
    expect(await ask("/")).toBe("keep-alive");
    const answered = ask("/held");
    await expect.poll(() => held.length).toBe(1);
    const drained = drain();
    held[0]?.end();
    expect(await answered).toBe("close");
    await drained;
    expect(server.listening).toBe(false);
    agent.destroy();
  });
});
