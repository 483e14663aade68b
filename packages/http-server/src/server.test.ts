import { once } from "node:events";
import type { RequestListener, ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createLimitedServer } from "./server.ts";

const servers: ReturnType<typeof createLimitedServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function listen(listener: RequestListener, { requestTimeoutMs = 10_000 } = {}): Promise<number> {
  const server = createLimitedServer({
    listener,
    requestTimeoutMs,
    maxConnections: 10,
    answer: (fault) => ({ status: fault === "headers_too_large" ? 431 : 400, headers: {}, body: fault }),
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** Sends one text, and another when an answer to the first has begun; gives all that came. */
function exchange(port: number, first: string, then?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(first));
    socket.once("data", () => then !== undefined && socket.write(then));
    socket.on("data", (data) => (received += data.toString()));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}

/** Sends requests as their answers come, at most 50 before these; gives all that came. */
function inTurns(port: number, count: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let [received, sent] = ["", 0];
    const socket = connect(port, "127.0.0.1");
    const send = () => {
      const next = Math.min(count, received.split("HTTP/1.1 ").length - 1 + 50) - sent;
      if (next > 0) socket.write(get("/").repeat(next));
      sent += Math.max(0, next);
    };
    socket.on("connect", send).on("data", (data) => {
      received += data.toString();
      send();
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}

const countConnections = () =>
  new Promise<number>((resolve) => servers[0]?.getConnections((_error, open) => resolve(open)));
const head = (...lines: readonly string[]) => ["POST / HTTP/1.1", ...lines, "", ""].join("\r\n");
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const many = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}: 1`);
const answerOk: RequestListener = (_request, response) => {
  response.writeHead(200, { connection: "close" }).end("ok");
};
const readThenAnswer: RequestListener = (request, response) => {
  request.on("data", () => {}).on("end", () => response.writeHead(200, { connection: "close" }).end("read"));
};

describe("createLimitedServer", () => {
  it("refuses two Host headers, however they are spelt", async () => {
    const port = await listen(answerOk);
    expect(await exchange(port, head("Host: a", "content-length: 0"))).toMatch(/^HTTP\/1.1 200 /);
    const twice = await exchange(port, head("Host: a", "hOST: b", "content-length: 0"));
    expect(twice).toMatch(/^HTTP\/1.1 400 [^]*invalid_request$/);
  });

  it("refuses a request without Host, and heeds no expectation that it does not know", async () => {
    const port = await listen(answerOk);
    expect(await exchange(port, head("content-length: 0"))).toMatch(/^HTTP\/1.1 400 [^]*invalid_request$/);
    const expecting = head("Host: a", "Expect: wonders", "content-length: 0");
    expect(await exchange(port, expecting)).toMatch(/^HTTP\/1.1 200 /);
  });

  it("answers clients that have closed their half of the connection, and lets go of those that asked nothing", async () => {
    const port = await listen((request, response) => {
      request.resume().on("end", () => setImmediate(() => response.writeHead(200).end(request.url)));
    });
    const said = (text: string) =>
      new Promise<string>((resolve, reject) => {
        let received = "";
        const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.end(text));
        socket.on("data", (data) => (received += data.toString()));
        socket.on("end", () => resolve(received)).on("error", reject);
      });
    expect(await said(get("/one"))).toMatch(/^HTTP\/1.1 200 [^]*\/one/);
    expect(await said(get("/one") + get("/two"))).toMatch(
      /HTTP\/1.1 200 [^]*\/one[^]*HTTP\/1.1 200 [^]*\/two/,
    );
    expect(await said("")).toBe("");
    expect(await said(head("Host: a", "content-length: 5"))).toMatch(/^HTTP\/1.1 400 /);
  });

  it("refuses more than 64 headers, none of which is left out before", async () => {
    const port = await listen((request, response) => {
      response.writeHead(200, { connection: "close" }).end(String(request.rawHeaders.length / 2));
    });
    expect(await exchange(port, head("Host: a", "content-length: 0", ...many(62)))).toMatch(/\b64\b/);
    const more = await exchange(port, head("Host: a", "content-length: 0", ...many(63)));
    expect(more).toMatch(/^HTTP\/1.1 431 [^]*headers_too_large$/);
    expect(await exchange(port, head("Host: a", "content-length: 0", ...many(500)))).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });

  it("refuses what comes after 1,000 requests on a connection, and says so with the answer before", async () => {
    let handled = 0;
    const port = await listen((_request, response) => {
      handled += 1;
      setImmediate(() => response.writeHead(200).end("ok"));
    });
    const answers = (await inTurns(port, 1_010)).split("HTTP/1.1 ").slice(1);
    expect(answers).toHaveLength(1_001);
    expect(handled).toBe(1_000);
    const saysClose = answers.map((answer) => /^connection: close\r$/im.test(answer));
    expect(saysClose.indexOf(true)).toBe(999);
    expect(answers[999]).toMatch(/^200 [^]*\bok\b/);
    expect(answers[1_000]).toMatch(/^400 [^]*too_many_requests$/);
  });

  it("refuses what comes behind 64 requests that have no answer yet, after their answers", async () => {
    let handled = 0;
    const port = await listen((_request, response) => {
      handled += 1;
      setImmediate(() => response.writeHead(200).end("ok"));
    });
    const answers = (await exchange(port, get("/").repeat(900))).split("HTTP/1.1 ").slice(1);
    expect(handled).toBe(64);
    expect(answers).toHaveLength(65);
    expect(answers[63]).toMatch(/^200 [^]*\bok\b/);
    expect(answers[64]).toMatch(/^400 [^]*connection: close[^]*too_many_requests$/);
  });

  it("keeps nothing of what else a refused client sends while its answers are awaited", async () => {
    const held: ServerResponse[] = [];
    const port = await listen((_request, response) => void held.push(response), { requestTimeoutMs: 60_000 });
    let [requests, bytesRead] = [0, () => 0];
    servers[0]?.on("request", () => (requests += 1));
    servers[0]?.on("connection", (socket) => (bytesRead = () => socket.bytesRead));
    const text = get("/").repeat(50_000);
    const exchanged = exchange(port, text);
    await expect.poll(() => bytesRead()).toBe(text.length);
    // What came in the same piece is there already.
    expect(requests).toBeLessThan(5_000);
    for (const response of held) response.end("late");
    const answers = (await exchanged).split("HTTP/1.1 ").slice(1);
    expect(answers).toHaveLength(65);
    expect(answers[63]).toMatch(/^200 [^]*\blate\b/);
    expect(answers[64]).toMatch(/^400 [^]*too_many_requests$/);
  });

  it("lets go of clients that take nothing of their answer or ask nothing more, and not of one that waits", async () => {
    const held: ServerResponse[] = [];
    const port = await listen(
      (request, response) => {
        if (request.url === "/held") held.push(response);
        else response.end(request.url === "/large" ? Buffer.alloc(64 * 1024 * 1024) : "ok");
      },
      { requestTimeoutMs: 5_000 },
    );
    expect(await exchange(port, get("/"))).toMatch(/^HTTP\/1.1 200 [^]*\bok\b/);
    const waiting = exchange(port, get("/held"));
    await expect.poll(() => held.length).toBe(1);
    const connected = once(servers[0]!, "connection");
    const socket = connect(port, "127.0.0.1", () => socket.pause().write(get("/large")));
    socket.on("error", () => {});
    await connected;
    await expect.poll(countConnections).toBe(1);
    held[0]?.setHeader("connection", "close").end("late");
    expect(await waiting).toMatch(/^HTTP\/1.1 200 [^]*\blate\b/);
    socket.destroy();
  });

  it.each([
    ["something else than HTTP", "nonsense\r\n\r\n", "invalid_request"],
    ["a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "tunnel_requested"],
    ["too many headers", head("Host: a", ...many(200)), "headers_too_large"],
    ["a body cut off", head("Host: a", "transfer-encoding: chunked") + "no length\r\n", "invalid_request"],
  ])("answers what was asked before %s first", async (_name, text, fault) => {
    const port = await listen((request, response) => {
      request.resume().on("end", () => setImmediate(() => response.end(request.url)));
    });
    const answers = (await exchange(port, get("/one") + get("/two") + text)).split("HTTP/1.1 ").slice(1);
    expect(answers).toEqual([
      expect.stringMatching(/^200 [^]*\/one$/),
      expect.stringMatching(/^200 [^]*\/two$/),
      expect.stringMatching(new RegExp(`^4[^]*${fault}$`)),
    ]);
  });

  it("heeds no wish for another protocol, and says that it takes nothing that was sent behind it", async () => {
    const urls: unknown[] = [];
    const port = await listen((request, response) => {
      urls.push(request.url);
      response.end("ok");
    });
    const asking = "GET /one HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    const answers = (await exchange(port, asking + get("/two"))).split("HTTP/1.1 ").slice(1);
    expect(answers).toEqual([expect.stringMatching(/^200 [^]*connection: close\r\n[^]*\bok\b/i)]);
    expect(urls).toEqual(["/one"]);
  });

  it("refuses to be a tunnel, and survives whoever asks for one and goes", async () => {
    const port = await listen(answerOk);
    const asking = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";
    expect(await exchange(port, asking)).toMatch(/^HTTP\/1.1 400 [^]*tunnel_requested$/);
    const gone = Array.from({ length: 5 }, async () => {
      const socket = connect(port, "127.0.0.1", () => socket.write(asking, () => socket.resetAndDestroy()));
      await once(socket, "close");
    });
    await Promise.all(gone);
    expect(await exchange(port, get("/"))).toMatch(/^HTTP\/1.1 200 /);
  });

  it("lets go of refused clients that keep their half of the connection", async () => {
    const port = await listen(answerOk);
    const texts = ["nonsense\r\n\r\n", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n", ""];
    const clients = texts.map(async (text) => {
      let received = "";
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.write(text));
      socket.on("data", (data) => (received += data.toString()));
      await once(socket, "end");
      return received;
    });
    for (const received of await Promise.all(clients)) expect(received).toMatch(/^HTTP\/1.1 400 /);
    await expect.poll(countConnections).toBe(0);
  });

  it("tells a client to go on when its body is read, and not when it is refused before", async () => {
    const asking = head("Host: a", "content-length: 2", "expect: 100-continue");
    const reading = await listen(readThenAnswer);
    expect(await exchange(reading, asking, "{}")).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 [^]*\bread\b/,
    );
    const refusing = await listen(answerOk);
    expect(await exchange(refusing, asking)).toMatch(/^HTTP\/1.1 200 [^]*\bok\b/);
  });
});
