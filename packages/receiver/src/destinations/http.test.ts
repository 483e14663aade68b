import { createHash } from "node:crypto";
import { createEgress } from "@hooks/egress";
import { generateSecret, verify } from "@hooks/signing";
import { type Sink, startSink } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { describeDestination } from "./conformance.ts";
import { createHttpDestination } from "./http.ts";

const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
let sink: Sink;

describeDestination("http", {
  deduplicates: false,
  open: async () => {
    sink = await startSink();
    return createHttpDestination({ name: "orders", url: `${sink.url}/events`, egress, timeoutMs: 5_000 });
  },
  arrivals: async () =>
    sink.requests.map(({ headers, body }) => ({
      id: String(headers["hooks-event-id"]),
      type: String(headers["hooks-event-type"]),
      source: String(headers["hooks-source"]),
      body,
      headers,
    })),
  breakDown: async () => sink.script([{ status: 503 }]),
  fallSilent: async () => sink.script([{ fault: "hang" }]),
  repair: async () => sink.script([{ status: 204 }]),
  close: () => sink.close(),
});

describe("createHttpDestination", () => {
  const entry = {
    source: "billing",
    eventId: "e",
    eventType: undefined,
    headers: {},
    body: Buffer.from("{}"),
    receivedAtMs: 0,
    attempt: 1,
  };

  it("obeys Retry-After, follows no redirect, and gives up on silence", async () => {
    const server = await startSink();
    server.script([
      { status: 429, headers: { "retry-after": "7" } },
      { status: 302, headers: { location: server.url } },
      { fault: "hang" },
    ]);
    const named = { name: "orders", url: server.url, egress };
    const destination = createHttpDestination(named);
    expect(await destination.deliver(entry)).toEqual({
      kind: "retry",
      reason: "http_status 429",
      retryAfterMs: 7_000,
      overloaded: true,
    });
    expect(await destination.deliver(entry)).toMatchObject({ kind: "retry", reason: "http_status 302" });
    expect(server.requests).toHaveLength(2);
    const impatient = createHttpDestination({ ...named, timeoutMs: 100 });
    expect(await impatient.deliver(entry)).toMatchObject({ reason: "timeout", overloaded: true });
    await server.close();
  });

  it("signs each attempt anew, with the event's id, instead of the provider's signature", async () => {
    const server = await startSink();
    const secrets = [generateSecret(), generateSecret()];
    let nowMs = Date.UTC(2026, 0, 1);
    const destination = createHttpDestination({
      name: "orders",
      url: server.url,
      egress,
      secrets,
      clock: () => nowMs,
    });
    const own = { "webhook-signature": "v1,abc", "webhook-extra": "x", "x-github-event": "push" };
    for (let time = 0; time < 2; time++) {
      nowMs += 3_600_000;
      expect(await destination.deliver({ ...entry, headers: own })).toEqual({ kind: "confirmed" });
      const { headers, body } = server.requests.at(-1)!;
      for (const secret of secrets) {
        const verified = verify({ headers, body, keys: [secret], now: nowMs });
        expect(verified).toMatchObject({ ok: true, event: { id: "e" } });
      }
      expect(headers).toMatchObject({ "x-github-event": "push", "hooks-source": "billing" });
      expect(headers["webhook-extra"]).toBeUndefined();
    }
    expect(() => createHttpDestination({ name: "o", url: server.url, egress, secrets: ["x"] })).toThrow();
    await server.close();
  });

  it("signs ids that Standard Webhooks does not allow as their digests", async () => {
    const server = await startSink();
    const secrets = [generateSecret()];
    const destination = createHttpDestination({ name: "orders", url: server.url, egress, secrets });
    for (const eventId of ["evt.1", "evt_1", "x".repeat(129)]) {
      expect(await destination.deliver({ ...entry, eventId })).toEqual({ kind: "confirmed" });
      const { headers, body } = server.requests.at(-1)!;
      const id = eventId === "evt_1" ? eventId : createHash("sha256").update(eventId).digest("hex");
      expect(verify({ headers, body, keys: secrets })).toMatchObject({ ok: true, event: { id } });
      expect(headers["hooks-event-id"]).toBe(eventId);
    }
    await server.close();
  });

  it("does not reach an address the egress client does not allow", async () => {
    const server = await startSink();
    const guarded = createEgress({ allowHttp: true });
    const destination = createHttpDestination({ name: "orders", url: server.url, egress: guarded });
    expect(await destination.deliver(entry)).toMatchObject({ kind: "retry", reason: "blocked_address" });
    expect(server.requests).toHaveLength(0);
    await server.close();
    await guarded.close();
  });
});
