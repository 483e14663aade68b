import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { createTemporaryFolder, until } from "@hooks/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadConfig } from "./config.ts";
import { createMetrics } from "./metrics.ts";
import { openInbox } from "./open.ts";
import { createReports } from "./report.ts";
import { openSetup } from "./setup.ts";
import { loopback } from "./test-support/gateway-process.ts";
import { silentLog } from "./test-support/silent-log.ts";

const secret = generateSecret();

describe("openSetup", () => {
  it("delivers nothing more while it stops and a request is still coming", async () => {
    const delivered: unknown[] = [];
    const target = createServer((request, response) => {
      delivered.push(request.headers["hooks-event-id"]);
      response.end();
    });
    await once(target.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void target.close().closeAllConnections());
    const config = configOf(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
    const inbox = openInbox(config);
    const reports = createReports(silentLog, createMetrics());
    const setup = await openSetup({ config, sinceMs: Date.now(), inbox, reports });
    setup.start();
    const send = (id: string, body: Promise<Uint8Array>) => {
      const headers = generateTestHeaders({ body: "{}", secret, id });
      return setup.receive({
        source: "billing",
        method: "POST",
        url: "/in/billing",
        headers,
        body: async () => ({ kind: "bytes", bytes: await body }),
      });
    };
    const bytes = Buffer.from("{}");
    await send("before", Promise.resolve(bytes));
    await until(() => delivered.length === 1, { timeoutMs: 60_000 });

    const coming = Promise.withResolvers<Uint8Array>();
    const slow = send("slow", coming.promise);
    const stopped = setup.stop();
    await inbox.accept({
      source: "billing",
      eventId: "next",
      eventType: undefined,
      destinations: ["orders"],
      headers: {},
      body: bytes,
      receivedAtMs: Date.now(),
    });
    // As long as a relay takes at the most that looks for something.
    await pause(500);
    coming.resolve(bytes);
    expect(await slow).toMatchObject({ kind: "accepted" });
    await stopped;
    expect(delivered).toEqual(["before"]);
    expect((await inbox.depth("billing")).waiting).toBe(2);
    await inbox.close();
  });
});

function configOf(url: string) {
  const folder = createTemporaryFolder();
  onTestFinished(() => folder.remove());
  const file = {
    sources: { billing: { provider: "standard-webhooks", secrets: [secret], destinations: ["orders"] } },
    destinations: { orders: { type: "http", url } },
  };
  const env = { ...loopback, HOOKS_CONFIG: "gateway.json", INBOX_URL: `sqlite:${folder.path}/inbox.db` };
  const loaded = loadConfig({ env, readFile: () => JSON.stringify(file) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}
