import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createEgress } from "@hooks/egress";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFetchKey } from "./fetch-key.ts";

/** Somebody else's server of keys. */
let server: Server;
let origin: string;
const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
const fetchKey = createFetchKey(egress);

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/echo") {
        const { method, headers } = request;
        response.end(`${method} ${headers["x-a"]} ${Buffer.concat(chunks).toString()} é`);
      } else if (request.url === "/long") response.end("x".repeat(70_000));
      else if (request.url === "/binary") response.end(Buffer.from([0xff]));
      else if (request.url === "/moved") response.writeHead(302, { location: "/echo" }).end();
      else response.writeHead(404).end("nothing");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await egress.close();
  await new Promise((resolve) => server.close(resolve));
});

describe("createFetchKey", () => {
  it("sends what is asked for, and gives the text of the answer", async () => {
    const headers = { "x-a": "b" };
    expect(await fetchKey({ url: `${origin}/echo`, headers })).toBe("GET b  é");
    expect(await fetchKey({ url: `${origin}/echo`, method: "POST", headers, body: "c" })).toBe("POST b c é");
  });

  it.each(["/long", "/binary", "/moved", "/missing"])("rejects for %s", async (path) => {
    await expect(fetchKey({ url: origin + path })).rejects.toThrow();
  });

  it("reaches no address that is blocked", async () => {
    const guarded = createEgress();
    await expect(createFetchKey(guarded)({ url: "https://127.0.0.1/" })).rejects.toThrow(
      /could not be fetched/,
    );
    await guarded.close();
  });
});
