import { startRedis } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { packTexts } from "./pack-texts.ts";

describeWithServer("redis", "packTexts", () => {
  it("packs what a script takes apart, byte for byte", async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const packed = packTexts(["", "ü€😀", bytes]);
    const script = "return {struct.unpack('>I4c0I4c0I4c0', ARGV[1])}";
    const [empty, text, body, next] = (await client.callBuffer("eval", script, 0, packed)) as Buffer[];
    expect(empty?.length).toBe(0);
    expect(text?.toString()).toBe("ü€😀");
    expect(body?.equals(bytes)).toBe(true);
    expect(next).toBe(packed.length + 1);
    client.disconnect();
    await server.stop();
  });
});
