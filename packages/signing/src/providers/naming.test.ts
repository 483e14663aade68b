import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { prepareProvider } from "./prepare.ts";
import type { HmacProvider } from "./provider.ts";

const body = Buffer.from("{}");
const secret = "a secret of the tests";

function idOfCloudEvent(source: string, id: string) {
  const { verify } = prepareProvider("cloudevents", { secrets: [secret] });
  const headers = { authorization: `Bearer ${secret}`, "ce-source": source, "ce-id": id };
  const result = verify({ headers, body });
  if (result instanceof Promise || !result.ok) throw new Error("Expected a request that is accepted.");
  return result.event.id;
}

describe("createNaming", () => {
  it("gives different ids to events whose parts, joined, look alike", () => {
    expect(idOfCloudEvent("a:b", "c")).not.toBe(idOfCloudEvent("a", "b:c"));
    expect(idOfCloudEvent("a%3Ab", "c")).not.toBe(idOfCloudEvent("a:b", "c"));
    expect(idOfCloudEvent("a", "b:c")).toBe("a:b:c");
  });

  it("says that an id is not covered whose characters could be those of what is beside it", () => {
    const signed = Buffer.concat([Buffer.from("id-11000"), body]);
    const signature = createHmac("sha256", secret).update(signed).digest("base64");
    const { verify } = prepareProvider("configcat", { secrets: [secret] });
    for (const [id, timestamp] of [
      ["id-1", "1000"],
      ["id-11", "000"],
    ] as const) {
      const headers = {
        "x-configcat-webhook-id": id,
        "x-configcat-webhook-timestamp": timestamp,
        "x-configcat-webhook-signature-v1": signature,
      };
      expect(verify({ headers, body })).toMatchObject({ ok: true, event: { id, idCovered: false } });
    }
  });

  it("says that an id is covered that ends where the message does, or at a date", () => {
    const row: HmacProvider = {
      kind: "hmac",
      id: "example",
      name: "Example",
      event: { id: [{ from: "header", name: "x-id" }] },
      digest: "sha256",
      secret: "utf8",
      signature: { from: "header", name: "x-signature", encoding: "hex" },
      message: "{header:x-id}{timestamp}{body}",
      timestamp: { from: "header", name: "x-time", unit: "iso" },
    };
    const time = "2026-11-20T12:00:00Z";
    const signature = createHmac("sha256", secret).update(`id-1${time}{}`).digest("hex");
    const headers = { "x-id": "id-1", "x-time": time, "x-signature": signature };
    expect(
      prepareProvider(row, { secrets: [secret] }).verify({ headers, body, now: new Date(time) }),
    ).toMatchObject({
      ok: true,
      event: { idCovered: true },
    });
  });
});
