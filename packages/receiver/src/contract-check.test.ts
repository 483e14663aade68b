import * as contracts from "@hooks/contracts";
import { exampleEvent } from "@hooks/contracts/fixtures";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { respond } from "./core/respond.ts";
import type { Inbox } from "./inbox.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReceive, type ReceiveReport } from "./receive.ts";

const secret = generateSecret();
const genuine = exampleEvent("invoice.paid");
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe("a source with contracts", () => {
  let inbox: Inbox;
  let reports: ReceiveReport[];
  beforeEach(() => {
    inbox = createSqliteInbox({ path: ":memory:" });
    reports = [];
  });
  afterEach(() => inbox.close());

  const send = async (mode: "warn" | "enforce" | "off", body: Buffer) => {
    const source = { provider: "standard-webhooks", secrets: [secret] } as const;
    const receive = createReceive({
      sources: { billing: mode === "off" ? source : { ...source, contracts: { mode, contracts } } },
      inbox,
      report: (report) => void reports.push(report),
    });
    const headers = { ...generateTestHeaders({ body, secret }) };
    const { status } = respond(await receive({ source: "billing", method: "POST", headers, body }));
    return [status, reports.at(-1)?.contract?.code] as const;
  };
  const broken = bytes({ ...genuine, data: { object: { id: "very secret" } } });

  it("takes what fits, and says nothing of it", async () => {
    expect(await send("enforce", bytes(genuine))).toEqual([202, undefined]);
    const wider = { ...genuine, data: { ...genuine.data, added: 1 }, trace: "x" };
    expect(await send("enforce", bytes(wider))).toEqual([202, undefined]);
  });

  it("reports little of names that are the sender's own, however long they are", async () => {
    const order = exampleEvent("order.created");
    const metadata = { ["n".repeat(100_000)]: 1 };
    const body = bytes({ ...order, data: { object: { ...order.data.object, metadata } } });
    expect(await send("enforce", body)).toEqual([422, "schema_violation"]);
    expect(reports[0]?.contract?.pointers).toEqual([expect.stringMatching(/^\/data\/.{200,250}$/)]);
  });

  it("refuses what does not fit when it is enforced, and only reports it otherwise", async () => {
    expect(await send("enforce", broken)).toEqual([422, "schema_violation"]);
    expect((await inbox.depth("billing")).waiting).toBe(0);
    expect(await send("warn", broken)).toEqual([202, "schema_violation"]);
    expect(await send("off", broken)).toEqual([202, undefined]);
    expect(reports[0]).toMatchObject({ outcome: "event_rejected", eventId: expect.any(String) });
    expect(reports[0]?.contract?.pointers[0]).toMatch(/^\/data\//);
    expect(JSON.stringify(reports)).not.toContain("very secret");
  });

  it.each([
    ["no JSON", Buffer.from("{"), 422, "invalid_json"],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), 422, "invalid_json"],
    [
      "a byte order mark",
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes(genuine)]),
      422,
      "invalid_json",
    ],
    ["no envelope", Buffer.from("[]"), 422, "invalid_envelope"],
    ["a prototype", Buffer.from('{"__proto__":{"type":"invoice.paid"}}'), 422, "invalid_envelope"],
    ["depth", Buffer.from("[".repeat(200_000) + "]".repeat(200_000)), 422, "json_too_deep"],
    [
      "a type that is not known here",
      bytes({ ...genuine, type: "invoice.framed" }),
      202,
      "unknown_event_type",
    ],
    ["a version that is not known here", bytes({ ...genuine, version: "99.0.0" }), 202, "unknown_version"],
  ])("copes with %s", async (...[, body, status, code]) => {
    expect(await send("enforce", body)).toEqual([status, code]);
  });

  it("verifies first", async () => {
    const other = generateSecret();
    const source = { provider: "standard-webhooks", secrets: [other] } as const;
    const receive = createReceive({
      sources: { billing: { ...source, contracts: { mode: "enforce", contracts } } },
      inbox,
    });
    const headers = { ...generateTestHeaders({ body: broken, secret }) };
    const receipt = await receive({ source: "billing", method: "POST", headers, body: broken });
    expect(receipt).toMatchObject({ code: "signature_invalid" });
  });
});
