import { createEgress } from "@hooks/egress";
import { presets } from "@hooks/retry";
import { generateSecret } from "@hooks/signing";
import { describe, expect, it } from "vitest";
import { createReader } from "./config-reader.ts";
import { readDestinations } from "./destination-config.ts";
import { createProblems } from "./problems.ts";

const secret = generateSecret();

const read = (destinations: Readonly<Record<string, unknown>>) => {
  const problems = createProblems();
  const config = readDestinations(createReader({ destinations }, "", problems), createEgress().checkUrl);
  return { config, problems: problems.all.map(({ path, message }) => `${path}: ${message}`) };
};

describe("readDestinations", () => {
  it.each(["", "a b", "a\nb", "-a", "__proto__", "a".repeat(65)])("refuses the name %j", (name) => {
    const orders = { type: "redis-stream", url: "redis://127.0.0.1", stream: "orders" };
    expect(read(Object.fromEntries([[name, orders]])).problems).toEqual([
      `destinations.${name}.(name): expected letters, digits, - and _, at most 64`,
    ]);
  });

  it("reads each type, with its defaults", () => {
    const { config, problems } = read({
      jobs: { type: "bullmq", url: "redis://127.0.0.1", queue: "jobs" },
      queue: { type: "rabbitmq", url: "amqps://a:b@mq.example.com/v", queue: "events" },
      exchange: { type: "rabbitmq", url: "amqp://mq", exchange: "events", routingKey: "a.b", timeoutMs: 900 },
      bus: {
        type: "nats",
        url: "nats://one:4222,nats://two:4222",
        subject: "hooks.billing",
        retry: "1m, 5m",
      },
      orders: { type: "http", url: "https://orders.example.com", secrets: [secret], retry: "short" },
    });
    expect(problems).toEqual([]);
    expect(config).toEqual({
      jobs: { type: "bullmq", url: "redis://127.0.0.1", queue: "jobs", prefix: undefined, attempts: 1 },
      queue: {
        type: "rabbitmq",
        url: "amqps://a:b@mq.example.com/v",
        to: { queue: "events" },
        timeoutMs: 5_000,
      },
      exchange: {
        type: "rabbitmq",
        url: "amqp://mq",
        to: { exchange: "events", routingKey: "a.b" },
        timeoutMs: 900,
      },
      bus: {
        type: "nats",
        url: "nats://one:4222,nats://two:4222",
        subject: "hooks.billing",
        token: undefined,
        timeoutMs: 5_000,
        retry: [0, 60_000, 300_000],
      },
      orders: {
        type: "http",
        url: "https://orders.example.com",
        timeoutMs: 15_000,
        secrets: [secret],
        retry: presets.short,
      },
    });
  });

  it("takes Redis Clusters and sentinels, and BullMQ there only with keys of one slot", () => {
    const url = "redis://a:6379,b:6379?cluster=true";
    const stream = { type: "redis-stream", stream: "orders" };
    expect(
      read({
        streamed: { ...stream, url },
        watched: { ...stream, url: "redis://a,b?sentinel=main" },
        jobs: { type: "bullmq", url, queue: "jobs", prefix: "{bull}" },
      }).problems,
    ).toEqual([]);
    expect(
      read({
        streamed: { ...stream, url: "redis://a,b" },
        jobs: { type: "bullmq", url, queue: "jobs" },
      }).problems,
    ).toEqual([
      expect.stringMatching(/^destinations\.streamed\.url: expected redis:.*cluster=true/),
      expect.stringMatching(/^destinations\.jobs\.prefix: expected braces/),
    ]);
  });

  it("says what is wrong with each", () => {
    const { problems } = read({
      none: { url: "https://a.example.com" },
      jobs: { type: "bullmq", url: "amqp://a", queue: "a:b" },
      both: { type: "rabbitmq", url: "amqp://a", queue: "a", exchange: "b" },
      neither: { type: "rabbitmq", url: "redis://a", stream: "x" },
      bus: { type: "nats", url: "nats://a", subject: "hooks.>" },
      lost: { type: "nats", url: "http://a" },
      weak: { type: "http", url: "https://a.example.com", secrets: ["whsec_c2hvcnQ="], retry: "often" },
    });
    expect(problems).toEqual([
      "destinations.none.type: expected one of http, redis-stream, bullmq, rabbitmq, nats",
      "destinations.jobs.queue: expected a name without a colon, as BullMQ demands",
      expect.stringMatching(/^destinations\.jobs\.url: expected redis:/),
      "destinations.both.queue: expected either queue, or exchange and routingKey",
      "destinations.neither.url: expected amqp://… or amqps://…",
      "destinations.neither.queue: expected either queue, or exchange and routingKey",
      "destinations.neither.stream: unknown key",
      "destinations.bus.subject: expected a subject without spaces and wildcards",
      "destinations.lost.subject: expected the name of a subject",
      "destinations.lost.url: expected nats://… or tls://…",
      expect.stringMatching(/^destinations\.weak\.secrets: /),
      "destinations.weak.retry: expected standard, short or waits: Expected wait 1 to be like 30s, 5m, 2h or 1d, and 30 days at most.",
    ]);
    expect(problems.join("")).not.toContain("c2hvcnQ");
  });
});
