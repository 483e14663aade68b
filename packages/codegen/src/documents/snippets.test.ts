import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { promisify } from "node:util";
import { startSink } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { hostileText } from "../test-support/catalogs.ts";
import { curlScript, mockCommand, shellQuote } from "./snippets.ts";

const run = promisify(execFile);

describe("curlScript", () => {
  it("sends the event with a signature that is right when it runs", async () => {
    const sink = await startSink();
    const event = { id: "evt_1", data: { text: hostileText, quote: "it's" } };
    const script = curlScript({ id: "evt_1", version: "2.0.0", event });
    await run("sh", ["-c", script.replace("http://127.0.0.1:3000/webhooks/main", sink.url)]);
    const [request] = sink.requests;
    await sink.close();
    expect(request?.headers).toMatchObject({ "webhook-id": "evt_1", "webhook-version": "2.0.0" });
    expect(JSON.parse(String(request?.body))).toEqual(event);
    const timestamp = Number(request?.headers["webhook-timestamp"]);
    expect(Math.abs(Date.now() / 1_000 - timestamp)).toBeLessThan(60);
    const key = Buffer.from("0123456789abcdef0123456789abcdef");
    const hmac = createHmac("sha256", key)
      .update(`evt_1.${timestamp}.${String(request?.body)}`)
      .digest("base64");
    expect(request?.headers["webhook-signature"]).toBe(`v1,${hmac}`);
  });
});

describe("mockCommand", () => {
  it("keeps a type one word of the shell", async () => {
    const { stdout } = await run("sh", ["-c", `printf %s ${shellQuote(hostileText)}`]);
    expect(stdout).toBe(hostileText);
    expect(mockCommand("$(x)", "@acme/events")).toContain("mock '$(x)' --contracts @acme/events ");
  });
});
