import { createServer as createTcpServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createEgress, type EgressResult } from "./index.ts";
import { listen, listenHttp as http, listenRaw as raw } from "./test-support/listen.ts";

async function post(url: string, timeoutMs = 30_000): Promise<EgressResult> {
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
  try {
    return await egress.request({
      method: "POST",
      url,
      headers: { "x-test": "1" },
      body: "hello",
      timeoutMs,
    });
  } finally {
    void egress.close();
  }
}

const outcome = (result: EgressResult) => (result.kind === "response" ? result.status : result.reason);

const hints = (count: number) => (socket: Socket) =>
  socket.end(`${"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count)}HTTP/1.1 204 No Content\r\n\r\n`);

describe("request", () => {
  it("sends the body and returns status, headers and body", async () => {
    const url = await http((request, response) => {
      request
        .setEncoding("utf8")
        .on("data", (chunk: string) => response.writeHead(202, { "x-echo": chunk }).end("thanks"));
    });
    const result = await post(url);
    expect(result).toMatchObject({
      kind: "response",
      status: 202,
      headers: { "x-echo": "hello" },
      truncated: false,
    });
    expect(result.kind === "response" && Buffer.from(result.body).toString()).toBe("thanks");
  });

  it("does not follow redirects", async () => {
    let hits = 0;
    const url = await http((_, response) => {
      hits += 1;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect(outcome(await post(url))).toBe(302);
    expect(hits).toBe(1);
  });

  it("does not decode a compressed body", async () => {
    const url = await http((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip"),
    );
    const result = await post(url);
    expect(result.kind === "response" && Buffer.from(result.body).toString()).toBe("not gzip");
  });

  it("stops reading an endless body at the limit", async () => {
    const url = await http((_, response) => {
      const write = () => {
        while (response.write(Buffer.alloc(16_384))) if (response.destroyed) return;
        response.once("drain", write);
      };
      write();
    });
    const result = await post(url);
    expect(result).toMatchObject({ kind: "response", truncated: true });
    expect(result.kind === "response" && result.body.length).toBe(65_536);
  });

  it("ends at the deadline while the body drips", async () => {
    const url = await http((_, response) => {
      const timer = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(timer));
    });
    expect(outcome(await post(url, 150))).toBe("timeout");
  });

  it("ends at the deadline when nothing answers", async () => {
    const url = await raw(() => {});
    expect(outcome(await post(url, 100))).toBe("timeout");
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ["a reset connection", (socket) => socket.resetAndDestroy(), "reset"],
    ["a close before the response", (socket) => socket.end(), "reset"],
  ])("classifies %s", async (_, onSocket, reason) => {
    expect(outcome(await post(await raw(onSocket)))).toBe(reason);
  });

  it("takes a few early hints, but no flood of them", async () => {
    expect(outcome(await post(await raw(hints(3))))).toBe(204);
    expect(outcome(await post(await raw(hints(1_000))))).toBe("response_invalid");
  });

  it("reports a refused connection as a value", async () => {
    const server = createTcpServer();
    const url = `http://127.0.0.1:${await listen(server)}`;
    await new Promise((resolve) => server.close(resolve));
    expect(outcome(await post(url))).toBe("connect_error");
  });

  it.each(["http://10.0.0.1/", "http://[::1]:3000/", "http://169.254.169.254/"])(
    "refuses %s without connecting",
    async (url) => {
      expect(outcome(await post(url))).toBe("blocked_address");
    },
  );

  it("refuses a name whose answers include a blocked address", async () => {
    const egress = createEgress({ allowCidrs: ["10.0.0.0/8"], allowHttp: true });
    const result = await egress.request({
      method: "GET",
      url: "http://localhost:3000/",
      headers: {},
      timeoutMs: 30_000,
    });
    expect(outcome(result)).toBe("blocked_address");
    await egress.close();
  });

  it.each(["Host", "content-length", "Transfer-Encoding", "proxy-authorization", "upgrade"])(
    "refuses the header %s, which is its own",
    async (name) => {
      const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
      const result = await egress.request({
        method: "GET",
        url: "http://127.0.0.1:9999/",
        headers: { [name]: "0" },
        timeoutMs: 30_000,
      });
      expect(result).toMatchObject({ kind: "failed", reason: "invalid_url" });
      expect(result.kind === "failed" && result.message).toContain(name);
    },
  );

  it("asks for a body that is not encoded", async () => {
    const url = await http((request, response) => response.end(String(request.headers["accept-encoding"])));
    const result = await post(url);
    expect(result.kind === "response" && Buffer.from(result.body).toString()).toBe("identity");
  });

  it("replaces a socket after so many requests", async () => {
    const sockets = new Set<unknown>();
    const url = await http((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    const egress = createEgress({
      allowCidrs: ["127.0.0.0/8"],
      allowHttp: true,
      connectionsPerOrigin: 1,
      maxRequestsPerSocket: 2,
    });
    for (let request = 0; request < 6; request += 1)
      await egress.request({ method: "GET", url, headers: {}, timeoutMs: 30_000 });
    expect(sockets.size).toBe(3);
    await egress.close();
  });

  it("refuses a header that would split the request", async () => {
    const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
    const url = await http((_, response) => response.end());
    const result = await egress.request({
      method: "GET",
      url,
      headers: { "x-a": "1\r\nx-b: 2" },
      timeoutMs: 30_000,
    });
    expect(outcome(result)).toBe("invalid_url");
    await egress.close();
  });

  it("sends nothing that is not wanted any more when a socket is free for it", async () => {
    const seen: string[] = [];
    const held: (() => void)[] = [];
    const url = await http((request, response) => {
      seen.push(request.url ?? "");
      held.push(() => response.end());
    });
    const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true, connectionsPerOrigin: 1 });
    let isWanted = true;
    const send = (path: string) =>
      egress.request({
        method: "POST",
        url: `${url}/${path}`,
        headers: {},
        body: "{}",
        timeoutMs: 30_000,
        isWanted: () => isWanted,
      });
    const first = send("first");
    await expect.poll(() => held.length).toBe(1);
    const second = send("second");
    isWanted = false;
    held[0]?.();
    expect(await first).toMatchObject({ kind: "response" });
    expect(await second).toMatchObject({ kind: "failed", reason: "unwanted" });
    isWanted = true;
    const third = send("third");
    await expect.poll(() => held.length).toBe(2);
    held[1]?.();
    expect(await third).toMatchObject({ kind: "response" });
    expect(seen).toEqual(["/first", "/third"]);
    await egress.close();
  });

  it("ends as a reset when the client is destroyed", async () => {
    const asked = Promise.withResolvers<undefined>();
    // It never answers.
    const url = await raw(() => asked.resolve(undefined));
    const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
    const result = egress.request({ method: "POST", url, headers: {}, body: "hello", timeoutMs: 600_000 });
    await asked.promise;
    await egress.destroy();
    expect(outcome(await result)).toBe("reset");
    const late = await egress.request({ method: "POST", url, headers: {}, timeoutMs: 600_000 });
    expect(outcome(late)).toBe("reset");
  });
});
