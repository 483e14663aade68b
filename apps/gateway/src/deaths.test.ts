import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type App, createTemporaryFolder, until } from "@hooks/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { startGatewayProcess } from "./test-support/gateway-process.ts";

const patience = { timeoutMs: 60_000 };
const folder = createTemporaryFolder("hooks-gateway-deaths");
let running: App | undefined;
afterEach(() => running?.kill());
afterAll(() => folder.remove());

async function start(port?: number) {
  const options = { folder: folder.path, config: "sources: {}\n", args: ["--workers", "2"] };
  const started = await startGatewayProcess({ ...options, ...(port === undefined ? {} : { port }) });
  running = started.app;
  return started;
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** How many a process has open. */
function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    // Closed meanwhile.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Gives what came back until the connection ended, or why it did. */
function ask(port: number): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write("GET /healthz HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
  return text(socket).catch(String);
}

describe("the deaths of a gateway's processes", () => {
  it("end the workers with the process that looks after them, and leave the port to the next", async () => {
    const { app, port } = await start();
    const workers = childrenOf(app.pid);
    expect(workers).toHaveLength(2);
    await app.kill();
    await until(() => !workers.some(isAlive), patience);
    await start(port);
    expect(await ask(port)).toMatch(/^HTTP\/1.1 200 /);
  });

  it("end the connections that are on their way to a worker", async () => {
    const { app, port } = await start();
    const workers = childrenOf(app.pid);
    for (const worker of workers) process.kill(worker, "SIGSTOP");
    const before = socketsOf(app.pid);
    const asked = workers.map(() => ask(port));
    await until(() => socketsOf(app.pid) === before + asked.length, patience);
    for (const worker of workers) process.kill(worker, "SIGKILL");
    await Promise.all(asked);
    await until(async () => (await ask(port)).includes(" 200 "), patience);
  });
});
