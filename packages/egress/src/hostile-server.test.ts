import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createEgress, type EgressResult } from "./index.ts";
import { listenHttp, listenRaw } from "./test-support/listen.ts";

const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const line = `x: ${"y".repeat(1_000)}\r\n`;

/** Writes `start`, then `piece` for as long as the other end takes it, but no more than 100 MB; counts. */
function flood(start: string, piece: string) {
  const written = { bytes: 0 };
  const many = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
  const run = (socket: Socket) => {
    socket.write(start);
    const write = () => {
      while (!socket.destroyed && written.bytes < 100_000_000) {
        written.bytes += many.length;
        if (!socket.write(many)) return void socket.once("drain", write);
      }
      return undefined;
    };
    write();
  };
  return { written, run };
}

const createClient = () => createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
const send = (url: string, egress = createClient(), timeoutMs = 60_000): Promise<EgressResult> =>
  egress.request({ method: "POST", url, headers: {}, body: "hello", timeoutMs });
const outcome = (result: EgressResult) => (result.kind === "response" ? result.status : result.reason);

describe("an endless response", () => {
  it.each<[string, readonly [start: string, piece: string], string | number]>([
    ["header lines", ["HTTP/1.1 200 OK\r\n", line], "response_invalid"],
    ["one header's name", ["HTTP/1.1 200 OK\r\n", "y"], "response_invalid"],
    ["one header's value", ["HTTP/1.1 200 OK\r\nx: ", "y"], "response_invalid"],
    ["the reason of the status", ["HTTP/1.1 200 ", "y"], "response_invalid"],
    ["empty lines", ["\r\n", "\r\n"], "response_invalid"],
    ["informational responses", ["", `HTTP/1.1 103 Early Hints\r\n${line}\r\n`], "response_invalid"],
    ["zeros of a chunk's length", [chunked, "0"], "response_invalid"],
    ["a chunk's extension", [`${chunked}1;`, "y"], "response_invalid"],
    ["chunks of one byte", [chunked, "1\r\na\r\n"], 200],
    ["trailers", [`${chunked}0\r\n`, line], "response_invalid"],
    ["what is not HTTP", ["", "\u0000\u0001"], "response_invalid"],
  ])("of %s is cut off after little of it", async (_, [start, piece], expected) => {
    const { written, run } = flood(start, piece);
    expect(outcome(await send(await listenRaw(run)))).toBe(expected);
    // Most of this is what the system's buffers hold.
    expect(written.bytes).toBeLessThan(30_000_000);
  });
});

describe("a strange response", () => {
  it.each([
    ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", "response_invalid"],
    [
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
      "response_invalid",
    ],
    ["HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\nab", "response_invalid"],
    ["HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nab", "response_invalid"],
    ["HTTP/1.1 200 OK\r\nx: a\u0000b\r\n\r\n", "response_invalid"],
    ["HTTP/1.1 000 OK\r\n\r\n", "response_invalid"],
    ["HTTP/1.1 99999 OK\r\ncontent-length: 0\r\n\r\n", "response_invalid"],
    ["HTTP/1.1 999 OK\r\ncontent-length: 0\r\n\r\n", 999],
    ["HTTP/1.1 204 OK\r\ncontent-length: 5\r\n\r\nhello", 204],
    ["<html>", "response_invalid"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "response_invalid"],
    ["HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", "reset"],
    ["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab", "reset"],
    ["", "reset"],
  ])("%j comes to %s", async (text, expected) => {
    expect(outcome(await send(await listenRaw((socket) => socket.end(text))))).toBe(expected);
  });

  it("that is followed by another does not answer the next request", async () => {
    let requests = 0;
    const url = await listenRaw((socket) => {
      const answer = () => {
        requests += 1;
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-request: ${requests}\r\n\r\n`);
        socket.write("HTTP/1.1 299 Forged\r\ncontent-length: 0\r\n\r\n");
      };
      answer();
      socket.on("data", answer);
    });
    const egress = createClient();
    for (let request = 0; request < 5; request += 1) expect(outcome(await send(url, egress))).toBe(200);
    expect(requests).toBe(5);
  });
});

describe("a bomb", () => {
  const bomb = gzipSync(Buffer.alloc(60_000_000));

  it("is kept as it came, not as what it would become", async () => {
    const url = await listenHttp((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
    );
    const result = await send(url);
    expect(result.kind === "response" && Buffer.from(result.body).equals(bomb)).toBe(true);
  });
});

describe("the deadline", () => {
  it("ends every request of a crowd that is dripped at, and no socket stays open", async () => {
    const sockets = new Set<Socket>();
    const url = await listenRaw((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
      const drip = setInterval(() => socket.write("."), 20);
      socket.on("close", () => clearInterval(drip));
    });
    const egress = createClient();
    const crowd = Array.from({ length: 300 }, () => send(url, egress, 500));
    expect(new Set((await Promise.all(crowd)).map(outcome))).toEqual(new Set(["timeout"]));
    await egress.close();
    await expect.poll(() => sockets.size).toBe(0);
  });
});
