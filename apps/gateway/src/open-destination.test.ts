import { createEgress } from "@hooks/egress";
import { describe, expect, it } from "vitest";
import { explainMissing, MissingPackage, openDestinations } from "./open-destination.ts";

describe("openDestinations", () => {
  it("opens one of each type without a server to reach, and closes them", async () => {
    const egress = createEgress();
    const timeoutMs = 100;
    const retry = undefined;
    const opened = await openDestinations(
      {
        orders: { type: "http", url: "https://orders.example.com", secrets: [], timeoutMs, retry },
        stream: { type: "redis-stream", url: "redis://127.0.0.1:1", stream: "jobs", retry },
        jobs: {
          type: "bullmq",
          url: "redis://127.0.0.1:1",
          queue: "jobs",
          prefix: undefined,
          attempts: 3,
          retry,
        },
        events: { type: "rabbitmq", url: "amqp://127.0.0.1:1", to: { queue: "events" }, timeoutMs, retry },
        bus: {
          type: "nats",
          url: "nats://127.0.0.1:1",
          subject: "hooks",
          token: undefined,
          timeoutMs,
          retry,
        },
      },
      egress,
    );
    expect([...opened].map(([name, destination]) => [name, destination.name])).toEqual(
      ["orders", "stream", "jobs", "events", "bus"].map((name) => [name, name]),
    );
    await Promise.all([...opened.values()].map((destination) => destination.close()));
    await egress.close();
  });
});

describe("explainMissing", () => {
  it("names the package to install, and leaves other errors alone", async () => {
    const missing = await import("hooks-package-that-is-not-there" as string).catch(
      (error: unknown) => error,
    );
    const absent = Object.assign(new Error("Cannot find package 'amqplib' imported from /x.js"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    expect(explainMissing(absent, "destinations.events: type rabbitmq")).toMatchObject({
      name: "MissingPackage",
      message:
        "destinations.events: type rabbitmq needs the package amqplib, which is not installed: npm install amqplib",
    });
    expect(explainMissing(missing, "x")).not.toBeUndefined();
    const other = new Error("no");
    expect(explainMissing(other, "x")).toBe(other);
    expect(explainMissing(absent, "x")).toBeInstanceOf(MissingPackage);
  });
});
