import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  anyBytes,
  maxBodyBytes,
  mount,
  type Mounted,
  post,
  quietRequest,
  stream,
  writeRaw,
} from "./mounted.ts";

/** What every adapter of a server promises. `open` mounts it at `/webhooks` and gives the server's URL. */
export function describeAdapter(
  name: string,
  open: (mounted: Mounted) => Promise<string>,
  close: () => Promise<void> = async () => {},
): void {
  describe(name, () => {
    let mounted: Mounted;
    let url: string;
    beforeEach(async () => {
      mounted = mount();
      url = `${await open(mounted)}/webhooks/billing`;
    });
    afterEach(async () => {
      await close();
      await mounted.close();
    });
    const outcomes = () =>
      mounted.reports.map((report) => (report.kind === "request" ? report.outcome : report.kind));

    it("stores the bytes as they came, whatever type they are said to be, and answers", async () => {
      for (const type of ["application/json", "text/plain; charset=utf-16", "x/y", "", "a;b;;"]) {
        const body = Buffer.concat([anyBytes, Buffer.from(type)]);
        expect(await post(url, body, type === "" ? {} : { "content-type": type })).toMatchObject({
          status: 202,
          json: { duplicate: false },
        });
        expect((await mounted.stored())?.equals(body)).toBe(true);
      }
    });

    it("takes an empty body, and one in pieces", async () => {
      expect((await post(url, Buffer.alloc(0))).status).toBe(202);
      expect((await mounted.stored())?.length).toBe(0);
      const body = Buffer.alloc(maxBodyBytes, "é");
      expect(await stream(url, body)).toBe(202);
      expect((await mounted.stored())?.equals(body)).toBe(true);
    });

    it("takes the largest body and refuses a larger one, declared or not, and goes on", async () => {
      expect((await post(url, Buffer.alloc(maxBodyBytes))).status).toBe(202);
      expect((await post(url, Buffer.alloc(maxBodyBytes + 1))).json["code"]).toBe("payload_too_large");
      expect(await stream(url, Buffer.alloc(maxBodyBytes * 3))).toBe(413);
      expect((await post(`${url}?x=1`)).status).toBe(202);
    });

    it("tells what was wrong with a method, a source, an encoding, a signature", async () => {
      for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
        const response = await fetch(url, { method });
        expect([response.status, response.headers.get("allow")], method).toEqual([405, "POST"]);
        expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      }
      expect((await fetch(url, { method: "HEAD" })).status).toBe(405);
      expect((await post(`${url}x`)).json["code"]).toBe("source_not_found");
      expect((await post(url, anyBytes, { "content-encoding": "gzip" })).status).toBe(415);
      const headers = { "webhook-signature": "v1,AAAA" };
      expect((await post(url, anyBytes, headers)).json["code"]).toBe("signature_invalid");
    });

    it("answers without a body where the provider wants none", async () => {
      const response = await fetch(quietRequest(url.replace("billing", "quiet")));
      expect([response.status, await response.text()]).toEqual([204, ""]);
      expect(response.headers.get("content-length")).toBeNull();
    });

    it("survives requests that are cut off, forged or nonsense", async () => {
      const head = "POST PATH HTTP/1.1\r\nhost: x\r\nwebhook-signature: v1,AAAA\r\n";
      await writeRaw(url, `${head}content-length: 100\r\n\r\nabc`, "reset");
      await until(() => outcomes().includes("bad_request"));
      const answers = [
        `${head}webhook-signature: \xff\xfe\x01\r\nconnection: close\r\ncontent-length: 1\r\n\r\na`,
        `${head}webhook-id: ${"a".repeat(9_000)}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
        `${head}__proto__: x\r\nconstructor: y\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
        `${head}content-length: 99999999999999999999\r\nconnection: close\r\n\r\n`,
      ];
      for (const answer of await Promise.all(answers.map((text) => writeRaw(url, text))))
        expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      for (const path of [
        "/webhooks",
        "/webhooks/",
        "/webhooks/%",
        "/webhooks/__proto__",
        "/webhooks//billing",
      ])
        expect((await fetch(new URL(url).origin + path, { method: "POST" })).status, path).toBeLessThan(500);
      expect((await post(url)).status).toBe(202);
    });
  });
}
