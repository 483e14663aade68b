import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { generateSecret, parseVerifyingKey, verify } from "@hooks/signing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let workplace: Workplace;
let server: Server;
let url = "";
let received: Received[] = [];
let answer = { status: 200, body: "thank you" };

beforeAll(async () => {
  workplace = await createWorkplace();
  await workplace.write({
    ...doorFiles,
    "schemas/door.opened/examples/side.json": { object: { id: "side" } },
    "node_modules/@acme/events/package.json": {
      name: "@acme/events",
      type: "module",
      exports: { "./producer": "./producer.js" },
    },
    "node_modules/@acme/events/producer.js": `export const contracts = ${JSON.stringify({
      source: "lamps",
      eventTypes: {
        "lamp.lit": {
          latest: "2.1.0",
          schema: {
            type: "object",
            required: ["n"],
            properties: { n: { type: "integer", minimum: 0, maximum: 9 } },
          },
          examples: [{ n: 1 }, { n: 2 }],
        },
      },
    })};`,
    "node_modules/bare/package.json": { name: "bare", exports: { "./producer": "./producer.js" } },
    "node_modules/bare/producer.js": "",
  });
  server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await buffer(request) });
    response.writeHead(answer.status).end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://localhost:${(server.address() as AddressInfo).port}/webhooks`;
});
beforeEach(() => {
  received = [];
  answer = { status: 200, body: "thank you" };
});
afterAll(async () => {
  server.close();
  await workplace.remove();
});

const mock = (...args: readonly string[]) => workplace.hooks("contracts", "mock", ...args);
const dataOf = (stdout: string) =>
  JSON.parse((JSON.parse(stdout) as { readonly body: string }).body).data as unknown;
const dryRun = async (...args: readonly string[]) =>
  dataOf((await mock("door.opened", "--to", url, "--dry-run", "--json", ...args)).stdout);

describe("hooks contracts mock", () => {
  it("delivers an event that a receiver with the secret accepts", async () => {
    const secret = generateSecret();
    const { exit, stdout, stderr } = await mock("door.opened", "--to", url, "--secret", secret);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toMatch(/^200 in \d+ ms\nthank you\n$/);
    const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = received;
    expect(verify({ headers, body, keys: [parseVerifyingKey(secret)] })).toMatchObject({ ok: true });
    expect(JSON.parse(body.toString())).toMatchObject({
      id: headers["webhook-id"],
      type: "door.opened",
      version: "1.0.0",
      source: "acme",
      data: { object: { id: "d1", by: "key" } },
    });
    expect(headers).toMatchObject({ "webhook-version": "1.0.0", "content-type": "application/json" });
  });

  it("tells the secret it made itself", async () => {
    const { stderr } = await mock("door.opened", "--to", url);
    const secret = /whsec_\S+(?=,)/.exec(stderr)?.[0] ?? "";
    const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = received;
    expect(verify({ headers, body, keys: [parseVerifyingKey(secret)] })).toMatchObject({ ok: true });
  });

  it("ends with 1 when the answer is no, and lets no answer command the terminal", async () => {
    answer = { status: 500, body: "no\u001b[2J" };
    const refused = await mock("door.opened", "--to", url);
    expect(refused).toMatchObject({ exit: 1, stdout: expect.stringMatching(/^500 in \d+ ms\nno�\[2J\n$/) });
    const { exit, stdout } = await mock("door.opened", "--to", url, "--json");
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 500,
      body: "no\u001b[2J",
      durationMs: expect.any(Number),
    });
  });

  it("sends the payload that is asked for", async () => {
    expect(await dryRun()).toEqual({ object: { id: "d1", by: "key" } });
    expect(await dryRun("--example", "side")).toEqual({ object: { id: "side" } });
    expect(await dryRun("--minimal")).toEqual({ object: { id: expect.any(String) } });
    expect(await dryRun("--random", "7")).toEqual(await dryRun("--random", "7"));
    expect(received).toEqual([]);
  });

  it("takes contracts and their source from an installed package", async () => {
    const args = ["lamp.lit", "--to", url, "--contracts", "@acme/events", "--dry-run", "--json"];
    const { body } = JSON.parse((await mock(...args)).stdout) as { readonly body: string };
    expect(JSON.parse(body)).toMatchObject({ version: "2.1.0", source: "lamps", data: { n: 1 } });
    expect(dataOf((await mock(...args, "--example", "2")).stdout)).toEqual({ n: 2 });
  });

  it("prints the request as it would be sent", async () => {
    const { exit, stdout, stderr } = await mock("door.opened", "--to", url, "--dry-run");
    expect(exit).toBe(0);
    const secret = /whsec_\S+(?=,)/.exec(stderr)?.[0] ?? "";
    const sent = JSON.parse(
      (await mock("door.opened", "--to", url, "--dry-run", "--json", "--secret", secret)).stdout,
    );
    expect(
      verify({ headers: sent.headers, body: Buffer.from(sent.body), keys: [parseVerifyingKey(secret)] }),
    ).toMatchObject({ ok: true });
    expect(stdout).toMatch(
      new RegExp(
        `^POST ${url}\ncontent-type: application/json\n[^]*\nwebhook-signature: v1,\\S+\n[^]*\n\n\\{"id":"evt_.*\\}\n$`,
      ),
    );
  });

  it.each([
    [
      ["door.opend"],
      2,
      "There is no event type door.opend in schemas. Did you mean door.opened? [unknown_event_type]",
    ],
    [
      ["door.opened", "--example", "font"],
      2,
      "There is no example font. Did you mean front? [unknown_example]",
    ],
    [["door.opened", "--contracts", "@acme/nothing"], 2, "@acme/nothing is not installed here"],
    [["door.opened", "--secret", "abc"], 2, "--secret cannot be used"],
    [["door.opened", "--random", "x"], 2, "--random takes an integer from 0 on, not x."],
    [["door.opened", "--random", "1", "--minimal"], 2, "exclude each other"],
    [["door.opened", "--to", "http://192.168.0.1/"], 2, "--allow-private allows private networks"],
    [["door.opened", "--to", "http://169.254.169.254/"], 2, "cannot be used"],
    [["door.opened", "--to", "http://169.254.169.254/", "--allow-private"], 2, "cannot be used"],
    [["door.opened", "--to", "http://127.0.0.1:1/"], 2, "cannot be used"],
    [["door.opened", "--to", "localhost:3000/in"], 2, "Did you mean http://localhost:3000/in?"],
    [["door.opened", "--to", "127.0.0.1/in"], 2, "Did you mean http://127.0.0.1/in?"],
    [["door.opened", "--to", "example.com/in"], 2, "Did you mean https://example.com/in?"],
    [["door.opened", "--to", "http://10.0.0.1/", "--dry-run"], 2, "--to http://10.0.0.1/ cannot be used"],
    [["door.opened", "--contracts", "bare"], 2, "bare is no package of contracts. [contracts_not_found]"],
  ])("refuses %j", async (args, exit, message) => {
    const to = args.includes("--to") ? [] : ["--to", url];
    const ran = await mock(...args, ...to);
    expect(ran).toMatchObject({ exit, stdout: "", stderr: expect.stringContaining(message) });
    expect(received).toEqual([]);
  });

  it("says so when nobody answers", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, "close");
    const { exit, stdout, stderr } = await mock("door.opened", "--to", `http://127.0.0.1:${port}/`);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain(
      `The event was not delivered to http://127.0.0.1:${port}/: The connection could`,
    );
    expect(stderr).toContain("[connect_error]");
  });
});
