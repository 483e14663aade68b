import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { type App, createTemporaryFolder, freePort, spawnApp, until } from "@hooks/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDice, type Dice, fuzzedRequest } from "./test-support/fuzzed-request.ts";

const main = join(import.meta.dirname, "../dist/main.js");
const telling = new URL("./test-support/say-what-is-held.ts", import.meta.url);
const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway-hostile");
let app: App;
let port: number;
beforeAll(async () => {
  port = await freePort();
  const file = join(folder.path, "gateway.yaml");
  const billing = `{ provider: standard-webhooks, secrets: ["${secret}"], rateLimit: { perSecond: 5000 }`;
  writeFileSync(
    file,
    [
      "trustedProxies: [127.0.0.0/8]",
      'contracts: "@hooks/contracts"',
      "sources:",
      `  billing: ${billing} }`,
      `  packed: ${billing}, decompress: true }`,
      `  strict: ${billing}, contracts: enforce }`,
      "  meta: { provider: meta, secrets: [s], settings: { verifyToken: mine } }",
      "  notion: { provider: notion, secrets: [s] }",
    ].join("\n"),
  );
  const env = {
    HOOKS_CONFIG: file,
    PORT: String(port),
    INBOX_URL: `sqlite:${join(folder.path, "inbox.db")}`,
    NODE_OPTIONS: `--expose-gc --import=${telling.href}`,
  };
  app = await spawnApp({ main, env, readyUrl: `http://127.0.0.1:${port}/healthz`, readyWithinMs: 60_000 });
});
afterAll(async () => {
  expect(await app.terminate()).toBe(0);
  await folder.remove();
});

/** Sends genuine events all the time; gives every status it was answered. */
function startGoodClient() {
  const statuses: number[] = [];
  const ending = new AbortController();
  const run = async () => {
    for (let index = 0; !ending.signal.aborted; index += 1) {
      statuses.push(await post("billing", signed(Buffer.from(`{"n":${index}}`))));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const running = run();
  return async () => {
    ending.abort();
    await running;
    return statuses;
  };
}

/** Gives what expects of the log since then that no more than 50 refused requests a second have a line. */
function startCountingLines() {
  const [from, startedMs] = [app.output().length, performance.now()];
  return () => {
    const lines = app.output().slice(from).split("\n");
    const refused = lines.filter((line) => /"status":4\d\d/.test(line));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(50 * (2 + (performance.now() - startedMs) / 1_000));
  };
}

let stopGoodClient: ReturnType<typeof startGoodClient>;
beforeEach(() => {
  stopGoodClient = startGoodClient();
});
afterEach(async () => {
  const statuses = await stopGoodClient();
  expect(statuses.length).toBeGreaterThan(0);
  expect(statuses.filter((status) => status !== 202)).toEqual([]);
  expect(app.running()).toBe(true);
  // Ten bombs at once leave garbage, and a machine that is busy collects it late: 330 to 410 have been seen at the most.
  expect(mebibytesAtMost()).toBeLessThan(512);
  // It begins with 28. What is resident says less: V8 keeps the pages of its heap that it has emptied.
  await until(async () => (await mebibytesHeld()) < 64, { timeoutMs: 60_000, what: "memory given back" });
  expect(app.output()).not.toMatch(/uncaught|unexpected error|internal_error/);
});

describe("the gateway among hostile clients", () => {
  it("survives 20,000 broken requests", async () => {
    const dice = createDice(20_261_121);
    const countLines = startCountingLines();
    let left = 20_000;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        await raw(fuzzedRequest(dice, { address: addressOf(dice), body: signedHead }));
      }
    };
    await Promise.all(Array.from({ length: 64 }, client));
    countLines();
  }, 300_000);

  it("gets rid of 1,500 slow sockets", async () => {
    const dice = createDice(1_500);
    const sockets = await Promise.all(Array.from({ length: 1_500 }, (_, index) => openSlowly(index, dice)));
    await until(() => sockets.every(({ closed }) => closed), { timeoutMs: 120_000, everyMs: 200 });
  }, 300_000);

  it("lets bombs fizzle out", async () => {
    const zeros = signed(Buffer.alloc(30_000_000));
    const packed = { body: gzipSync(zeros.body), headers: { ...zeros.headers, "content-encoding": "gzip" } };
    const deep = Buffer.from(`{"type":"invoice.paid","data":${"[".repeat(300_000)}${"]".repeat(300_000)}}`);
    const wide = Buffer.from(`{"type":"invoice.paid",${'"a":1,'.repeat(100_000)}"b":2}`);
    const bombs = Array.from({ length: 10 }, async () => [
      await post("packed", packed),
      await post("billing", { body: packed.body, headers: packed.headers }),
      await post("strict", signed(deep)),
      await post("strict", signed(wide)),
    ]);
    for (const statuses of await Promise.all(bombs)) expect(statuses).toEqual([413, 415, 422, 422]);
    // Whoever is still writing when the connection is ended may miss the answer.
    const { headers } = signed(Buffer.alloc(0));
    const signature = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\r\n");
    expect(await raw(Buffer.from(head(`${signature}\r\ncontent-length: 10000000000`)))).toMatch(
      /^HTTP\/1.1 413 /,
    );
    expect(await raw(Buffer.from(head(`x: ${"y".repeat(2_000_000)}`)))).toMatch(/^(?:HTTP\/1.1 431 |$)/);
    const chunks = `10000\r\n${"a".repeat(65_536)}\r\n`.repeat(20);
    const endless = head(`${signature}\r\ntransfer-encoding: chunked`) + chunks;
    expect(await raw(Buffer.from(endless))).toMatch(/^(?:HTTP\/1.1 413 |$)/);
  }, 300_000);

  it("shrugs off a flood of unsigned megabytes", async () => {
    const body = Buffer.alloc(1_048_576);
    const dice = createDice(7);
    const countLines = startCountingLines();
    const client = async () => {
      for (let index = 0; index < 40; index += 1) {
        // Whoever is still writing when the answer comes may miss it.
        const status = await post("billing", { body, headers: { "x-forwarded-for": addressOf(dice) } });
        expect([401, 0]).toContain(status);
      }
    };
    await Promise.all(Array.from({ length: 10 }, client));
    const one = { body: Buffer.from("{}"), headers: { "x-forwarded-for": "198.51.100.99" } };
    const stranger = async () => {
      const statuses = [];
      for (let index = 0; index < 20; index += 1) statuses.push(await post("notion", one));
      return statuses;
    };
    const statuses = (await Promise.all(Array.from({ length: 100 }, stranger))).flat();
    expect([...new Set(statuses)].toSorted()).toEqual([401, 429]);
    countLines();
  }, 300_000);
});

const head = (lines: string) => `POST /in/billing HTTP/1.1\r\nhost: a\r\n${lines}\r\n\r\n`;

function signed(body: Buffer) {
  return { body, headers: { ...generateTestHeaders({ body, secret }) } };
}

/** Bytes of a genuine request, for the dice to break. */
function signedHead(address: string): Buffer {
  const { body, headers } = signed(Buffer.from('{"type":"invoice.paid"}'));
  const all = { host: "a", "x-forwarded-for": address, ...headers, "content-length": String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST /in/billing HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

function addressOf(dice: Dice): string {
  return `203.0.${dice(256)}.${dice(256)}`;
}

interface Posted {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Gives the status, or 0 when the connection ended without one. */
function post(source: string, { body, headers }: Posted): Promise<number> {
  return new Promise((resolve) => {
    const all = { ...headers, "content-length": String(body.length) };
    const sent = request({
      port,
      host: "127.0.0.1",
      path: `/in/${source}`,
      method: "POST",
      headers: all,
      agent: false,
    });
    let status = 0;
    sent.on("response", (response) => {
      status = response.resume().statusCode ?? 0;
      response.on("end", () => resolve(status));
    });
    sent.on("error", () => resolve(status));
    sent.end(body);
  });
}

/** Sends bytes, says that no more will come, and gives what is answered. */
function raw(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    socket.on("data", (data) => (received += data.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
  });
}

/** Half of them stop in the headers, half in the body; a third goes on with a byte a second. */
function openSlowly(index: number, dice: Dice): Promise<Socket> {
  const bytes = signedHead(addressOf(dice));
  const end = bytes.indexOf("\r\n\r\n") + 4;
  const cut = index % 2 === 0 ? 10 + dice(end - 20) : end + 5;
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(bytes.subarray(0, cut));
      let sent = cut;
      const drip = setInterval(() => {
        if (index % 3 === 0 && sent < bytes.length - 1) socket.write(bytes.subarray(sent, (sent += 1)));
      }, 1_000);
      socket.on("close", () => clearInterval(drip));
      resolve(socket.resume());
    });
    socket.on("error", reject);
  });
}

/** What the gateway's process holds now that is not garbage. */
async function mebibytesHeld(): Promise<number> {
  const said = () => [...app.output().matchAll(/^held (\d+)$/gm)];
  const before = said().length;
  app.signal("SIGUSR2");
  await until(() => said().length > before);
  return Number(said().at(-1)?.[1]) / 1_048_576;
}

/** What was resident at most. */
function mebibytesAtMost(): number {
  const status = readFileSync(`/proc/${app.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}
