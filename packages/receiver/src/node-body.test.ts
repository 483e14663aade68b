import { once } from "node:events";
import { createServer, IncomingMessage, request as ask } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readNodeBody } from "./node-body.ts";

const MiB = 1024 * 1024;
const server = createServer();
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => server.close());

/** Sends a body and gives the request as the server sees it; what is read of it is up to whoever asked. */
async function receive(body: Buffer): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const client = ask({ port, host: "127.0.0.1", method: "POST", agent: false });
  client.on("error", () => {}).end(body);
  const [request] = (await once(server, "request")) as [IncomingMessage];
  return request;
}

it("gives the memory of a body back when it is refused, without waiting for garbage to be collected", async () => {
  const request = await receive(Buffer.alloc(24 * MiB));
  const before = process.memoryUsage().arrayBuffers;
  let room = 16 * MiB;
  let most = 0;
  const read = await readNodeBody(request)(32 * MiB, (bytes) => {
    most = Math.max(most, process.memoryUsage().arrayBuffers);
    return (room -= bytes) >= 0;
  });
  await turn();
  expect(read).toMatchObject({ kind: "refused", code: "overloaded" });
  expect(most - before).toBeGreaterThan(14 * MiB);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * MiB);
  request.destroy();
});

it("leaves their bytes to others who read the same request", async () => {
  const body = Buffer.from("x".repeat(MiB));
  const request = await receive(body);
  const seen: Buffer[] = [];
  request.on("data", (chunk: Buffer) => seen.push(chunk));
  const read = await readNodeBody(request)(2 * MiB, () => true);
  expect(read.kind === "bytes" && body.equals(read.bytes)).toBe(true);
  expect(body.equals(Buffer.concat(seen))).toBe(true);
  request.destroy();
});

it("leaves its bytes to whoever made up a request, as fastify's `inject` does", async () => {
  const request = new IncomingMessage(new Socket());
  const chunks = ["a", "b"].map((letter) => Buffer.alloc(MiB, letter));
  for (const chunk of [...chunks, null]) request.push(chunk);
  const read = await readNodeBody(request)(4 * MiB, () => true);
  expect(read.kind === "bytes" && Buffer.concat(chunks).equals(read.bytes)).toBe(true);
  expect(chunks.map(({ byteLength }) => byteLength)).toEqual([MiB, MiB]);
});
