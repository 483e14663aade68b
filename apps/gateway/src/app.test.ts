import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createApp } from "./app.ts";

it("createApp: counts once for all who ask for the metrics at the same time", async () => {
  const asked: PromiseWithResolvers<string>[] = [];
  const app = createApp({
    receive: () => Promise.reject(new Error("not asked")),
    isReady: async () => true,
    metrics: () => {
      const counting = Promise.withResolvers<string>();
      asked.push(counting);
      return counting.promise;
    },
    onError: () => {},
  });
  let arrived = 0;
  const server = createServer(app).on("request", () => (arrived += 1));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const ask = async () => (await fetch(url)).text();
  const together = Array.from({ length: 20 }, ask);
  await expect.poll(() => arrived).toBe(20);
  expect(asked).toHaveLength(1);
  asked[0]?.resolve("first");
  expect(new Set(await Promise.all(together))).toEqual(new Set(["first"]));
  const later = ask();
  await expect.poll(() => asked.length).toBe(2);
  asked[1]?.resolve("second");
  expect(await later).toBe("second");
  server.close().closeAllConnections();
});
