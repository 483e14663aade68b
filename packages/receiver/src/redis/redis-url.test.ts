import { describe, expect, it } from "vitest";
import { createRedisDedupe } from "../dedupe/redis.ts";
import { connectRedis } from "./connect-redis.ts";
import { parseRedisUrl } from "./redis-url.ts";

describe("parseRedisUrl", () => {
  it("leaves the URL of a single server as it is", () => {
    const url = "rediss://me:se%2Ccret@redis.example:7000/2?family=6";
    expect(parseRedisUrl(url)).toEqual({ kind: "single", url });
    expect(parseRedisUrl("redis://h?replicas=2")).toMatchObject({ kind: "single", replicas: 2 });
  });

  it("reads the nodes of a cluster, with login, TLS and default port", () => {
    expect(parseRedisUrl("rediss://me:se%40cret@a.example,b.example:7001,[::1]:7002/?cluster=true")).toEqual({
      kind: "cluster",
      nodes: [
        { host: "a.example", port: 6_379 },
        { host: "b.example", port: 7_001 },
        { host: "::1", port: 7_002 },
      ],
      login: { username: "me", password: "se@cret" },
      tls: true,
    });
  });

  it("reads sentinels and the name of the primary", () => {
    expect(parseRedisUrl("redis://:secret@a,b:5000/1?sentinel=main&replicas=1")).toEqual({
      kind: "sentinel",
      primary: "main",
      db: 1,
      nodes: [
        { host: "a", port: 26_379 },
        { host: "b", port: 5_000 },
      ],
      login: { password: "secret" },
      tls: false,
      replicas: 1,
    });
  });

  it.each([undefined, null, 6_379])("says of %s that it is no URL", (url) => {
    const got = new RegExp(`^Expected redis://HOST:PORT.*, got ${url === null ? "null" : typeof url}\\.$`);
    expect(() => parseRedisUrl(url as unknown as string)).toThrow(got);
    expect(() => connectRedis(url as unknown as string, { commandTimeout: 500 })).toThrow(got);
    expect(() => createRedisDedupe({ redis: url as unknown as string })).toThrow(got);
  });

  it.each([
    "http://a?cluster=true",
    "redis://:secret@a,b",
    "redis://:secret@?cluster=true",
    "redis://:secret@a:port?cluster=true",
    "redis://:secret@a?cluster=true&sentinel=b",
    "redis://:secret@a?replicas=many",
    "redis://:secret@a?replicas=-1",
  ])("refuses %s without repeating its password", (url) => {
    expect(() => parseRedisUrl(url)).toThrow(/^(?!.*secret)Expected /);
  });
});
