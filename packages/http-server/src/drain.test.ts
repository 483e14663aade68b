import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
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

  it("ends who has sent nothing before requests under way have ended, and answers who sends then", async () => {
    const held: ServerResponse[] = [];
    const server = createServer((_request, response) => void held.push(response));
    const late = "GET /late HTTP/1.1\r\nhost: here\r\n\r\n";
    const drain = createDrain(server, async (stage) => void (stage === "closed" && lateOne.write(late)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const open = async () => {
      const client = connect({ port, host: "127.0.0.1" });
      await once(server, "connection");
      return client;
    };
    const [silent, lateOne] = [await open(), await open()];
    const drained = drain();
    await expect.poll(() => held.length, { timeout: 60_000 }).toBe(1);
    expect(await text(silent)).toBe("");
    const answer = text(lateOne);
    held[0]?.end("answered");
    expect(await answer).toMatch(/^HTTP\/1.1 200 .*answered/s);
    await drained;
  });

  it("answers those whom the system has let in and the process has not taken yet", async () => {
    const server = createServer((_request, response) => response.end("answered"));
    const drain = createDrain(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const answers = Array.from({ length: 50 }, () => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.write("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
      return text(socket);
    });
    // They connect in ticks of their own, and are let in before the process looks for them.
    await new Promise(process.nextTick);
    const drained = drain();
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 200 .*answered/s);
    await drained;
  });

  it("waits for the other processes of its port before it closes, and before it answers those who came last", async () => {
    const server = createServer((_request, response) => response.end("answered"));
    const steps: string[] = [];
    const resolves: (() => void)[] = [];
    const drain = createDrain(server, async (stage) => {
      steps.push(`${stage} ${server.listening ? "open" : "closed"}`);
      await new Promise<void>((resolve) => resolves.push(resolve));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const drained = drain();
    await expect.poll(() => steps).toEqual(["gathered open"]);
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
    const answer = text(socket).finally(() => steps.push("answered"));
    await once(server, "connection");
    resolves.shift()?.();
    // Somebody has come meanwhile, and more might.
    await expect.poll(() => steps).toEqual(["gathered open", "gathered open"]);
    resolves.shift()?.();
    await expect.poll(() => steps).toEqual(["gathered open", "gathered open", "closed closed"]);
    resolves.shift()?.();
    expect(await answer).toContain("answered");
    await drained;
  });

  it("survives those who break off while they wait to be served", async () => {
    const server = createServer((_request, response) => response.end("answered"));
    let meeting: (() => void) | undefined;
    const drain = createDrain(server, (stage) =>
      stage === "closed" ? Promise.resolve() : new Promise((resolve) => (meeting = resolve)),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const drained = drain();
    await expect.poll(() => meeting).toBeDefined();
    const client = connect({ port, host: "127.0.0.1" });
    const [socket] = (await once(server, "connection")) as [Socket];
    client.write("GET / HTTP/1.1\r\n", () => client.resetAndDestroy());
    await expect.poll(() => socket.errored).toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => (meeting?.(), server.listening)).toBe(false);
    await drained;
  });
});
