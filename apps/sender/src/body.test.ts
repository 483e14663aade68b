import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { until } from "@hooks/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_KEY, startTestApi, type TestApi } from "./test-support/api.ts";

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(() => api.close());

async function codeOf(
  bytes: string | Uint8Array,
  headers: Record<string, string> = {},
  path = "subscribers",
) {
  const { status, json } = await api.call("POST", `/v1/${path}`, { bytes, headers });
  return [status, json.code];
}

const event = (size: number) => ({ type: "nothing.known", data: "x".repeat(size) });
const deep = (levels: number) => `{"name":${"[".repeat(levels)}${"]".repeat(levels)}}`;
const many = (count: number) =>
  `{"type":"a.b","data":{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(",")}}}`;

const one = (size: number) => codeOf(JSON.stringify(event(size)), {}, "events");
const batch = (size: number) =>
  codeOf(JSON.stringify({ events: [event(size), event(0)] }), {}, "events/batch");

describe("readBody", () => {
  const large = JSON.stringify({ name: "x".repeat(64 * 1024) });

  it("refuses by the declared length before it reads", async () => {
    expect(await codeOf(large)).toEqual([413, "payload_too_large"]);
  });

  it("refuses a body of undeclared length as soon as it is too long", async () => {
    expect(await codeOf(large, { "transfer-encoding": "chunked" })).toEqual([413, "payload_too_large"]);
  });

  it("takes events up to 256 KiB, with an envelope around them, and larger batches", async () => {
    expect(await one(256 * 1024)).toEqual([422, "unknown_event_type"]);
    expect(await one(272 * 1024)).toEqual([413, "payload_too_large"]);
    expect(await batch(900 * 1024)).toEqual([422, "unknown_event_type"]);
    expect(await batch(1024 * 1024)).toEqual([413, "payload_too_large"]);
  });

  it.each(["text/plain", "application/xml", "application/json; charset=utf-16", "application/jsonp", ""])(
    "refuses content-type %s",
    async (type) => {
      expect(await codeOf("{}", { "content-type": type })).toEqual([415, "unsupported_media_type"]);
    },
  );

  it.each(["application/json", "Application/JSON; charset=UTF-8", "application/vnd.acme+json"])(
    "takes content-type %s",
    async (type) => {
      expect((await codeOf('{"name":"Acme"}', { "content-type": type }))[0]).toBe(201);
    },
  );

  it("refuses what is compressed, without unpacking it", async () => {
    expect(await codeOf(gzipSync(large), { "content-encoding": "gzip" })).toEqual([
      415,
      "unsupported_encoding",
    ]);
  });

  it("says nothing about uploads that are given up", async () => {
    const before = api.log.filter((line) => !line.includes('"request"')).length;
    const sockets = Array.from({ length: 20 }, () => connect(api.port, "127.0.0.1"));
    for (const socket of sockets) {
      await once(socket, "connect");
      socket.write(
        `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_KEY}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"type"`,
      );
    }
    for (const socket of sockets) socket.destroy();
    await until(() => api.log.filter((line) => line.includes('"status":499')).length === 20);
    expect(api.log.filter((line) => !line.includes('"request"'))).toHaveLength(before);
    expect((await api.call("GET", "/healthz")).status).toBe(200);
  });
});

describe("parseJson", () => {
  it.each(["", "{", '{"name":}', "\u{feff}{}", "NaN", "{'name':1}"])("refuses %j", async (bytes) => {
    const code = await codeOf(bytes, { "transfer-encoding": "chunked" });
    expect(code).toEqual([400, "invalid_json"]);
  });

  it("refuses bytes that are not UTF-8", async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect(await codeOf(bytes)).toEqual([400, "invalid_encoding"]);
  });

  it("refuses depth and members before it builds anything of them", async () => {
    expect(await codeOf(`${"[".repeat(60_000)}`)).toEqual([400, "json_too_deep"]);
    expect(await codeOf(deep(63))).toEqual([400, "validation_failed"]);
    expect(await codeOf(deep(64))).toEqual([400, "json_too_deep"]);
    expect(await codeOf(many(9_998), {}, "events")).toEqual([422, "unknown_event_type"]);
    expect(await codeOf(many(9_999), {}, "events")).toEqual([400, "json_too_deep"]);
  });

  it("does not count what stands in a text", async () => {
    const name = '[[[{{{:::\\"'.repeat(20);
    expect((await codeOf(JSON.stringify({ name })))[0]).toBe(201);
  });

  it.each(['{"__proto__":{"isAdmin":true},"name":"a"}', '{"name":"a","\\u005f_proto__":1}'])(
    "refuses %s",
    async (bytes) => {
      expect(await codeOf(bytes)).toEqual([400, "unknown_field"]);
      expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    },
  );

  it("finds __proto__ at its place inside an event", async () => {
    const bytes = '{"type":"user.created","data":{"object":[{"__proto__":1}]}}';
    const { status, json } = await api.call("POST", "/v1/events", { bytes });
    expect([status, json.errors[0].pointer]).toEqual([400, "/data/object/0/__proto__"]);
  });
});
