import { afterEach, describe, expect, it } from "vitest";
import type { EndpointChange } from "./endpoints.ts";
import { createTestSender } from "./testing.ts";

const url = "https://example.com/hooks";
const senders: ReturnType<typeof createTestSender>[] = [];
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.stop();
});

async function createScene() {
  const sender = createTestSender();
  senders.push(sender);
  const { id: subscriber } = await sender.subscribers.create({ name: "Acme" });
  return { subscriber, endpoints: sender.endpoints };
}

describe("endpoints.create", () => {
  it("refuses a misspelt member, which would leave the endpoint with every type", async () => {
    const { subscriber, endpoints } = await createScene();
    const misspelt = { subscriber, url, event_types: ["invoice.*"] };
    await expect(endpoints.create(misspelt)).rejects.toMatchObject({
      code: "unknown_field",
      issues: [{ pointer: "/event_types" }],
    });
    expect(await endpoints.list({ limit: 1 })).toEqual([]);
  });
});

describe("endpoints.update", () => {
  it.each(["id", "subscriber", "secrets", "state"])(
    "refuses %s, which is not for it to change",
    async (name) => {
      const { subscriber, endpoints } = await createScene();
      const before = await endpoints.create({ subscriber, url });
      const change: EndpointChange & Record<string, string> = { [name]: "other" };
      await expect(endpoints.update(before.id, change)).rejects.toMatchObject({ code: "unknown_field" });
      expect(await endpoints.get(before.id)).toEqual(before);
    },
  );

  it("leaves members alone that are undefined", async () => {
    const { subscriber, endpoints } = await createScene();
    const before = await endpoints.create({ subscriber, url, description: "Orders" });
    const change = { url: undefined, description: "Invoices" } as unknown as EndpointChange;
    expect(await endpoints.update(before.id, change)).toMatchObject({ url, description: "Invoices" });
  });
});
