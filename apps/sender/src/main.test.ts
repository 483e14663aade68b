import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVault } from "@hooks/sender";
import { createSqliteStore } from "@hooks/sender/sqlite";
import { createTemporaryFolder, freePort, spawnApp, startChild, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const KEY = "main-test-key-0123456789-0123456789";
let folder: ReturnType<typeof createTemporaryFolder>;

beforeEach(() => {
  folder = createTemporaryFolder();
});

afterEach(() => folder.remove());

/** How a sender is started that keeps its data in the test's folder. */
const appAt = (port: number, env: Readonly<Record<string, string>> = { HOOKS_ADMIN_KEY: KEY }) => ({
  main,
  cwd: folder.path,
  env: { PORT: String(port), ...env },
  readyUrl: `http://127.0.0.1:${port}/readyz`,
});

/** Begins a request whose body, `{"name":"Acme"}`, is waited for. */
async function beginRequest(port: number) {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  await once(socket, "connect");
  const head = ["POST /v1/subscribers HTTP/1.1", "host: x", `authorization: Bearer ${KEY}`];
  head.push("content-type: application/json", "content-length: 15", "expect: 100-continue");
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  await until(() => received.includes("100 Continue"));
  return { socket, received: () => received };
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return once(socket, "connect").then(
    () => {
      socket.destroy();
      return false;
    },
    (error: NodeJS.ErrnoException) => error.code === "ECONNREFUSED",
  );
}

describe("main", () => {
  it.each([
    ["--help", 0, /^Usage: .*sender rewrap /s],
    ["rewrp", 2, /--help/],
  ])("says with %s what it can be called with", async (argument, code, output) => {
    const child = await startChild(process.execPath, [main, argument], { cwd: folder.path, env: {} });
    expect((await child.exited).code).toBe(code);
    expect(child.output()).toMatch(output);
  });

  it("starts from nothing, makes a key, and ends in order with SIGTERM", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const app = await spawnApp(appAt(port, {}));
    // It is ready a moment before it has said so.
    await until(() => app.output().includes(`"msg":"listening on ${url}"`));
    expect(app.output()).toContain("self-check: SQLite journal_mode is wal");
    expect(existsSync(join(folder.path, "data", "sender.db"))).toBe(true);
    const key = /the API key is (\S+)/.exec(app.output())?.[1];
    const headers = { authorization: `Bearer ${key}` };
    expect((await fetch(`${url}/v1/event-types`, { headers })).status).toBe(200);
    expect(await app.terminate()).toBe(0);
  });

  it("keeps what it has answered when it is killed", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const first = await spawnApp(appAt(port));
    const made = await fetch(`${url}/v1/subscribers`, { method: "POST", headers, body: '{"name":"Acme"}' });
    const subscriber: unknown = await made.json();
    await first.kill();
    const second = await spawnApp(appAt(port));
    const listed = (await (await fetch(`${url}/v1/subscribers`, { headers })).json()) as { data: unknown };
    expect(listed.data).toEqual([subscriber]);
    expect(second.output()).not.toContain("the API key is");
    expect(await second.terminate()).toBe(0);
  });

  it("answers what it has begun to read, and takes nothing new, after SIGTERM", async () => {
    const port = await freePort();
    const app = await spawnApp(appAt(port));
    const { socket, received } = await beginRequest(port);
    const ended = app.terminate();
    await until(() => isRefused(port));
    socket.write('{"name":"Acme"}');
    expect(await ended).toBe(0);
    expect(received()).toContain("HTTP/1.1 201 Created");
  });

  it("ends at once with the second signal, whichever it is", async () => {
    const port = await freePort();
    const app = await spawnApp(appAt(port));
    const { socket } = await beginRequest(port);
    app.signal("SIGTERM");
    await until(() => app.output().includes("stopping"));
    app.signal("SIGINT");
    expect(await app.exited).toMatchObject({ code: 1 });
    expect(app.output().match(/"stopping"/g)).toHaveLength(1);
    socket.destroy();
  });

  it("encrypts what it keeps, and takes a new master key into use while it runs", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const [K1, K2] = ["k1", "k2"].map((id) => `${id}:${randomBytes(32).toString("base64")}`);
    const optionsWith = (keys: string) => appAt(port, { HOOKS_ADMIN_KEY: KEY, HOOKS_MASTER_KEY: keys });
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(`${url}/v1/${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return (await answer.json()) as { id: string; secret: string };
    };
    const first = await spawnApp(optionsWith(`${K1}`));
    const { id: subscriber } = await post("subscribers", { name: "Acme" });
    const { id, secret } = await post("endpoints", { subscriber, url: "https://example.com/hooks" });
    expect(await first.terminate()).toBe(0);
    const database = await readFile(join(folder.path, "data", "sender.db"));
    expect(database.includes(id)).toBe(true);
    expect(database.includes(secret.slice(6))).toBe(false);

    const run = async (keys: string, ...args: readonly string[]) => {
      const { env } = optionsWith(keys);
      const child = await startChild(process.execPath, [main, ...args], { cwd: folder.path, env });
      return { code: (await child.exited).code, output: child.output() };
    };
    const refused = await run(`${K2}`);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toContain("encrypted under the master key k1, which is not among those given");
    const second = await spawnApp(optionsWith(`${K2},${K1}`));
    const rewrapped = await run(`${K2},${K1}`, "rewrap");
    expect(rewrapped.output).toContain("can be removed from HOOKS_MASTER_KEY: k1");
    expect(rewrapped.code).toBe(0);
    expect(await second.terminate()).toBe(0);
    const vault = createVault({ masterKeys: `${K2}` });
    const store = createSqliteStore({ path: join(folder.path, "data", "sender.db"), vault });
    expect(await store.getEndpoint(id)).toMatchObject({ secrets: [{ value: secret }] });
    await store.close();
    for (const { output } of [refused, rewrapped])
      for (const key of [K1, K2]) expect(output).not.toContain(key?.slice(3));
    // Five processes, one after the other, on whatever machine.
  });

  it("says in one sentence that its port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const env = { PORT: String(port) };
    const child = await startChild(process.execPath, [main], { cwd: folder.path, env });
    expect((await child.exited).code).toBe(1);
    expect(child.output()).toContain(`sender: Port ${port} of 127.0.0.1 is taken; set PORT\n`);
    expect(child.output()).not.toContain("start.ts");
    holder.close();
  });

  it.each([
    [
      { PORT: "x", DATABASE_URL: "mysql://db" },
      ["sender: PORT: ", "sender: DATABASE_URL: expected sqlite: "],
    ],
    // Nobody listens at a port of 1.
    [{ DATABASE_URL: "postgres://127.0.0.1:1/hooks" }, ["sender: PostgreSQL: connect ECONNREFUSED"]],
    [{ NODE_ENV: "production" }, ["sender: HOOKS_ADMIN_KEY: required in production"]],
    [{ HOOKS_MASTER_KEY: "k:x" }, ["sender: HOOKS_MASTER_KEY: expected KEY_ID:base64 of 32 bytes"]],
    [{ HOOKS_CONTRACTS: "no-such-package" }, ["sender: "]],
    [{ HOOKS_CONTRACTS: "./nowhere" }, ["sender: "]],
    [{ DATABASE_URL: "sqlite:/dev/null/sender.db" }, ["sender: The SQLite database cannot be opened"]],
    [{ DATABASE_URL: "sqlite::memory:" }, ["self-check: ", "sender: The store may lose"]],
  ])("says why it does not start with %j", async (env, lines) => {
    const child = await startChild(process.execPath, [main], {
      cwd: folder.path,
      env: { PORT: "0", ...env },
    });
    expect((await child.exited).code).toBe(1);
    for (const line of lines) expect(child.output()).toContain(line);
    expect(child.output()).not.toContain("listening");
  });
});
