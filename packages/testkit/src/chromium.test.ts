import { expect, it } from "vitest";
import { startChromium } from "./chromium.ts";
import { describeWithServer } from "./vitest.ts";

describeWithServer("chromium", "startChromium", () => {
  it("speaks the DevTools protocol until it is stopped", async () => {
    const chromium = await startChromium();
    const version = await fetch(`${chromium.url}/json/version`);
    expect(await version.json()).toHaveProperty("webSocketDebuggerUrl");
    await chromium.stop();
    await expect(fetch(`${chromium.url}/json/version`)).rejects.toThrow("fetch failed");
  });
});
