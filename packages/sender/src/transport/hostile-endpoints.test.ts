import { createServer, type Server, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import { generateSecret } from "@hooks/signing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../core/model.ts";
import type { Transport } from "../transport.ts";
import { createHttpTransport } from "./http.ts";

const TIMEOUT_MS = 3_000;
const bomb = gzipSync(Buffer.alloc(60_000_000));
const headerLines = `x: ${"y".repeat(1_000)}\r\n`.repeat(64);

/** Writes for ever, as fast as it is read. */
function flood({ socket }: ServerResponse, start: string, piece: string): void {
  if (socket === null) return;
  const write = () => {
    while (!socket.destroyed && socket.write(piece));
    socket.once("drain", write);
  };
  socket.write(start, write);
}

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/fine": (response) => response.writeHead(200).end("thanks"),
  "/silent": () => {},
  "/dripping": (response) => {
    const drip = setInterval(() => response.write("."), 20);
    response.on("close", () => clearInterval(drip));
  },
  "/dripping-headers": ({ socket }) => {
    socket?.write("HTTP/1.1 200 OK\r\n");
    const drip = setInterval(() => socket?.write("x: y\r\n"), 20);
    socket?.on("close", () => clearInterval(drip));
  },
  "/endless": (response) => flood(response, "HTTP/1.1 500 No\r\n\r\n", "y".repeat(65_536)),
  "/endless-headers": (response) => flood(response, "HTTP/1.1 200 OK\r\n", headerLines),
  "/endless-reason": (response) => flood(response, "HTTP/1.1 200 ", "y".repeat(65_536)),
  "/reset": ({ socket }) => socket?.resetAndDestroy(),
  "/half": ({ socket }) => socket?.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab"),
  "/bomb": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  "/redirect": (response) => response.writeHead(307, { location: "/fine" }).end(),
  "/not-http": ({ socket }) => socket?.end("220 mail.example ESMTP\r\n"),
};

const outcomes: Readonly<Record<string, string>> = {
  "/silent": "timeout",
  "/dripping": "timeout",
  "/dripping-headers": "timeout",
  "/endless": "http_status",
  "/endless-headers": "response_invalid",
  "/endless-reason": "response_invalid",
  "/reset": "reset",
  "/half": "reset",
  "/bomb": "delivered",
  "/redirect": "http_status",
  "/not-http": "response_invalid",
};

let server: Server;
let transport: Transport;
const requests = new Map<string, number>();

beforeEach(async () => {
  requests.clear();
  server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.set(path, (requests.get(path) ?? 0) + 1);
    response.socket?.on("error", () => {});
    request.resume().on("end", () => answers[path]?.(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  transport = createHttpTransport({ allowCidrs: ["127.0.0.0/8"], allowHttp: true, timeoutMs: TIMEOUT_MS });
});
afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const portOf = (listening: { address: Server["address"] }) => {
  const address = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};
const send = (url: string) => {
  const endpoint: Endpoint = {
    id: `ep_${url}`,
    subscriber: "sub_1",
    url,
    description: "",
    eventTypes: [],
    headers: {},
    versions: {},
    featureFlags: [],
    ordering: "none",
    secrets: [{ value: generateSecret(), createdAtMs: 0 }],
    state: "active",
    revision: 1,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
  const event = { id: "evt_1", type: "a.b", version: "1.0.0", body: Buffer.from("{}") };
  return transport.send({ endpoint, event, nowMs: 1_800_000_000_000 });
};
const sendTo = (path: string) => send(`http://127.0.0.1:${portOf(server)}${path}`);

describe("createHttpTransport", () => {
  it("delivers to good endpoints while hundreds of others, at the same host, do their worst", async () => {
    const bad = Object.keys(outcomes).flatMap((path) => Array.from({ length: 40 }, () => path));
    let hasTimedOut = false;
    const attempts = bad.map(async (path) => {
      const { outcome } = await sendTo(path);
      hasTimedOut ||= outcome === "timeout";
      return [path, outcome] as const;
    });
    const good = await Promise.all(Array.from({ length: 100 }, () => sendTo("/fine")));
    expect(new Set(good.map(({ outcome }) => outcome))).toEqual(new Set(["delivered"]));
    // Nobody waited for those that answer nothing.
    expect(hasTimedOut).toBe(false);
    expect(await Promise.all(attempts)).toEqual(bad.map((path) => [path, outcomes[path]]));
    expect(requests.get("/fine")).toBe(100);
  }, 60_000);

  it("reports a host that does not speak TLS, or never finishes its handshake", async () => {
    const mute = createTcpServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const [plain, silent] = await Promise.all([
      send(`https://127.0.0.1:${portOf(server)}/fine`),
      send(`https://127.0.0.1:${portOf(mute)}/`),
    ]);
    mute.close();
    expect([plain.outcome, silent.outcome]).toEqual(["tls_error", "timeout"]);
  });
});
