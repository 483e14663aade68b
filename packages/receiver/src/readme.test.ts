import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { createTemporaryFolder, freePort, spawnApp, until } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";

const folder = createTemporaryFolder("hooks-readme");
/** Inside the package, so that its own name resolves; under a name that is not published. */
const main = join(import.meta.dirname, "../dist/readme.test.mjs");
afterAll(() => {
  folder.remove();
  rmSync(main, { force: true });
});

describe("the README's example", () => {
  it("runs, answers 202 and handles the event", async () => {
    const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
    const port = await freePort();
    const example = /```js\n(.*?)```/s.exec(readme)?.[1]?.replace("3000", String(port)) ?? "";
    mkdirSync(join(main, ".."), { recursive: true });
    writeFileSync(main, example);
    const secret = generateSecret();
    const url = `http://127.0.0.1:${port}/webhooks/billing`;
    const app = await spawnApp({ main, cwd: folder.path, env: { WEBHOOK_SECRET: secret }, readyUrl: url });
    const body = Buffer.from('{"type":"invoice.paid"}');
    const headers = { ...generateTestHeaders({ id: "evt_1", body, secret }) };
    expect((await fetch(url, { method: "POST", body, headers })).status).toBe(202);
    await until(() => app.output().includes("paid evt_1"));
    await app.kill();
  });
});
