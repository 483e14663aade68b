import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createTemporaryFolder, makeCertificate, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSender, type Sender } from "../sender.ts";
import { createSqliteStore } from "../store/sqlite.ts";
import { contractsOf } from "../test-support/contracts.ts";

/** Of the sender, which shares its process with those who do their worst. */
const TIMEOUT_MS = 12_000;
const HOUR_MS = 3_600_000;
const bomb = gzipSync(Buffer.alloc(60_000_000));
const hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
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

function drip({ socket }: ServerResponse, start: string, piece: string): void {
  socket?.write(start);
  const timer = setInterval(() => socket?.write(piece), 20);
  socket?.on("close", () => clearInterval(timer));
}

const refuse = (retryAfter: string) => (response: ServerResponse) =>
  void response.writeHead(500, { "retry-after": retryAfter }).end();
const say = (text: string) => (response: ServerResponse) => void response.socket?.end(text);

interface Behaviour {
  readonly outcome: string;
  readonly answer: (response: ServerResponse) => void;
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  silent: { outcome: "timeout", answer: () => {} },
  "dripping-body": {
    outcome: "timeout",
    answer: (response) => drip(response, "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", "."),
  },
  "dripping-headers": {
    outcome: "timeout",
    answer: (response) => drip(response, "HTTP/1.1 200 OK\r\n", "x: y\r\n"),
  },
  "informing-for-ever": {
    outcome: "response_invalid",
    answer: (response) => drip(response, hint.repeat(16), hint),
  },
  "endless-body": {
    outcome: "http_status",
    answer: (response) => flood(response, "HTTP/1.1 500 No\r\n\r\n", "y".repeat(65_536)),
  },
  "endless-headers": {
    outcome: "response_invalid",
    answer: (response) => flood(response, "HTTP/1.1 200 OK\r\n", headerLines),
  },
  "endless-reason": {
    outcome: "response_invalid",
    answer: (response) => flood(response, "HTTP/1.1 200 ", "y".repeat(65_536)),
  },
  reset: { outcome: "reset", answer: ({ socket }) => void socket?.resetAndDestroy() },
  half: { outcome: "reset", answer: say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab") },
  bomb: {
    outcome: "delivered",
    answer: (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  },
  redirect: {
    outcome: "http_status",
    answer: (response) => void response.writeHead(307, { location: "/fine/0" }).end(),
  },
  "not-http": { outcome: "response_invalid", answer: say("220 mail.example ESMTP\r\n") },
  "garbage-status": { outcome: "response_invalid", answer: say("HTTP/1.1 2OO Okay\r\n\r\n") },
  "http-1.0": { outcome: "delivered", answer: say("HTTP/1.0 200 OK\r\n\r\nthanks") },
  "come-back-yesterday": { outcome: "http_status", answer: refuse("Thu, 01 Jan 1970 00:00:00 GMT") },
  "come-back-never": { outcome: "http_status", answer: refuse("9".repeat(400)) },
  "come-back-in-words": { outcome: "http_status", answer: refuse("-1e99, soon; NaN") },
};

function selfSigned() {
  const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const cert = makeCertificate({ key, commonName: "elsewhere.example" });
  return { cert, key: key.export({ type: "pkcs8", format: "pem" }) };
}

const EVENTS = 12;
const GOOD = ["fine/0", "fine/1", "fine/2"];

let sender: Sender;
let server: Server;
const servers: (Server | TcpServer)[] = [];
const folder = createTemporaryFolder("hooks-hostile");

const listen = async (listening: Server | TcpServer): Promise<number> => {
  servers.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

beforeEach(() => {
  server = createServer((request, response) => {
    const behaviour = BEHAVIOURS[request.url?.slice(1) ?? ""];
    response.socket?.on("error", () => {});
    request.resume().on("end", () => {
      behaviour?.answer(response);
    });
  });
  sender = createSender({
    store: createSqliteStore({ path: join(folder.path, "sender.db") }),
    contracts: contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } }),
    http: {
      allowCidrs: ["127.0.0.0/8"],
      allowHttp: true,
      timeoutMs: TIMEOUT_MS,
      connectTimeoutMs: TIMEOUT_MS,
    },
    worker: { schedule: [0, HOUR_MS, HOUR_MS], pollMs: 50 },
  });
});
afterEach(async () => {
  await sender.stop();
  for (const one of servers.splice(0)) {
    if ("closeAllConnections" in one) one.closeAllConnections();
    one.close();
  }
  folder.remove();
});

describe("a sender", () => {
  it("delivers to good endpoints, and knows what each of the others does, while they do their worst", async () => {
    const port = await listen(server);
    const good = await listen(
      createServer((request, response) => request.resume().on("end", () => response.end())),
    );
    // Nobody reads what is sent to this one, and nobody proves who it is behind those.
    const unread = await listen(createTcpServer({ pauseOnConnect: true }));
    const unproven = await listen(createTlsServer(selfSigned()));
    const urls: Readonly<Record<string, string>> = {
      unread: `http://127.0.0.1:${unread}/`,
      unproven: `https://127.0.0.1:${unproven}/`,
      "plain-text": `https://127.0.0.1:${port}/`,
      "silent-handshake": `https://127.0.0.1:${unread}/`,
    };
    const names = [...GOOD, ...Object.keys(BEHAVIOURS), ...Object.keys(urls)];
    const expected = new Map(
      Object.entries({
        ...Object.fromEntries(names.map((name) => [name, BEHAVIOURS[name]?.outcome ?? "delivered"])),
        unread: "timeout",
        unproven: "tls_error",
        "plain-text": "tls_error",
        "silent-handshake": "timeout",
      }),
    );
    const { id: subscriber } = await sender.subscribers.create({ name: "test" });
    const endpoints = new Map<string, string>();
    for (const name of names) {
      const url = urls[name] ?? `http://127.0.0.1:${GOOD.includes(name) ? good : port}/${name}`;
      endpoints.set(name, (await sender.endpoints.create({ subscriber, url })).id);
    }
    await sender.start();
    // More than the buffers of a socket that nobody reads.
    const data = { object: { id: "x".repeat(200_000) } };
    for (let count = 0; count < EVENTS; count += 1) await sender.publish({ type: "invoice.paid", data });

    const deliveriesOf = (name: string) =>
      sender.deliveries.list({ limit: 99, endpoint: endpoints.get(name) ?? "" });
    const isTried = async () => {
      for (const name of names) {
        const tried = (await deliveriesOf(name)).filter(({ attempts }) => attempts > 0);
        if (tried.length < (GOOD.includes(name) ? EVENTS : 1)) return false;
      }
      return true;
    };
    await until(isTried, { timeoutMs: 120_000, everyMs: 50, what: "an attempt for each" });
    for (const name of names) {
      const tried = (await deliveriesOf(name)).filter(({ attempts }) => attempts > 0);
      const [first] = await sender.deliveries.attempts(tried[0]!.id);
      expect([name, first?.outcome]).toEqual([name, expected.get(name)]);
      // Whatever was asked for, within twice the schedule; a breaker may hold it for longer.
      const { dueMs = 0 } = tried[0]!;
      if (dueMs > 0) expect(dueMs - Date.now()).toBeLessThan(2.5 * HOUR_MS);
      expect((first?.response ?? "").length).toBeLessThan(5_000);
      expect(first?.durationMs).toBeLessThan(4 * TIMEOUT_MS);
    }
    for (const name of GOOD) {
      const deliveries = await deliveriesOf(name);
      expect(deliveries.map(({ state, attempts }) => [state, attempts])).toEqual(
        deliveries.map(() => ["delivered", 1]),
      );
    }
  });
});
