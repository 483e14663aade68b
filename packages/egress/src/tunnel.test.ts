import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createEgress, type EgressResult } from "./index.ts";
import { listen, listenHttp } from "./test-support/listen.ts";

/** A proxy that connects to `to`, whatever it is asked for, and remembers what that was. */
async function startProxy(to: string, answer = "200 Connection established") {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(500).end();
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request);
    if (!answer.startsWith("200")) return socket.end(`HTTP/1.1 ${answer}\r\n\r\n`);
    const { hostname, port } = new URL(to);
    const target = connect(Number(port), hostname, () => socket.write(`HTTP/1.1 ${answer}\r\n\r\n`));
    target.pipe(socket).on("error", () => {});
    return socket.pipe(target).on("error", () => {});
  });
  return { asked, port: await listen(server) };
}

const get = async (url: string, proxyUrl: string): Promise<EgressResult> => {
  const egress = createEgress({ allowHttp: true, proxyUrl });
  try {
    return await egress.request({ method: "GET", url, headers: {}, timeoutMs: 30_000 });
  } finally {
    await egress.close();
  }
};
const outcome = (result: EgressResult) => (result.kind === "response" ? result.status : result.reason);

describe("an egress proxy", () => {
  it("is told the name, not an address, and what is sent comes through it", async () => {
    const target = await listenHttp((request, response) => response.end(request.headers.host));
    const proxy = await startProxy(target);
    const result = await get("http://hooks.example/path", `http://127.0.0.1:${proxy.port}`);
    expect(result.kind === "response" && Buffer.from(result.body).toString()).toBe("hooks.example");
    expect(proxy.asked.map(({ method, url }) => `${method} ${url}`)).toEqual(["CONNECT hooks.example:80"]);
    expect(proxy.asked[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  it("is sent the credentials of its URL, and the target is not", async () => {
    const seen: (string | undefined)[] = [];
    const target = await listenHttp((request, response) => {
      seen.push(request.headers["proxy-authorization"]);
      response.end();
    });
    const proxy = await startProxy(target);
    await get("http://hooks.example/", `http://us%40er:pa%3Ass@127.0.0.1:${proxy.port}`);
    const expected = `Basic ${Buffer.from("us@er:pa:ss").toString("base64")}`;
    expect(proxy.asked[0]?.headers["proxy-authorization"]).toBe(expected);
    expect(seen).toEqual([undefined]);
  });

  it("is never asked for a literal, a name or a port that is blocked", async () => {
    const proxy = await startProxy("http://127.0.0.1:9");
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    const urls = ["http://10.0.0.1/", "http://[::1]/", "http://localhost/", "http://hooks.example:6379/"];
    for (const url of urls) expect((await get(url, proxyUrl)).kind).toBe("failed");
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ["403 Forbidden", "blocked_address"],
    ["407 Proxy Authentication Required\r\nX-Smokescreen-Error: denied", "blocked_address"],
    ["407 Proxy Authentication Required", "connect_error"],
    ["502 Bad Gateway", "connect_error"],
    ["302 Found\r\nLocation: http://elsewhere.example/", "connect_error"],
    ["hello", "connect_error"],
  ])("that answers %j makes the request end as %s", async (answer, reason) => {
    const proxy = await startProxy("http://127.0.0.1:9", answer);
    expect(outcome(await get("http://hooks.example/", `http://127.0.0.1:${proxy.port}`))).toBe(reason);
    expect(proxy.asked.length).toBe(1);
  });

  it("that is not there makes the request end as connect_error", async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(outcome(await get("http://hooks.example/", `http://127.0.0.1:${port}`))).toBe("connect_error");
  });

  it.each(["socks5://127.0.0.1:1080", "127.0.0.1:3128", ""])("is not %j", (proxyUrl) => {
    expect(() => createEgress({ proxyUrl })).toThrow(TypeError);
  });
});
