import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type App,
  createTemporaryFolder,
  freePort,
  spawnApp,
  startChild,
  startRedis,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { signedRequest } from "./testing.ts";

/** Inside the package, so that its own name resolves; under a name that is not published. */
const folder = join(import.meta.dirname, "../dist/readme.test.files");
const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const event = { id: "evt_1", type: "invoice.paid" };

let port: number;
let data: ReturnType<typeof createTemporaryFolder>;
beforeEach(async () => {
  port = await freePort();
  data = createTemporaryFolder("hooks-readme");
  mkdirSync(folder, { recursive: true });
  for (const [, name = "", code = ""] of readme.matchAll(/```js\n\/\/ (\S+)\n(.*?)```/gs))
    writeFileSync(join(folder, name), code.replace("3000", String(port)));
});
let running: Pick<App, "signal" | "exited"> | undefined;
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exited;
  running = undefined;
  data.remove();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the README's example", () => {
  it.each(["express.js", "fastify.js", "node.js"])(
    "%s receives, answers 202 and handles the event",
    async (name) => {
      const url = `http://127.0.0.1:${port}/webhooks/billing`;
      const app = await spawnApp({
        main: join(folder, name),
        cwd: data.path,
        env: { WEBHOOK_SECRET: secret },
        readyUrl: url,
      });
      running = app;
      const answer = await fetch(signedRequest(event, { secret, url }));
      expect([answer.status, await answer.json()]).toEqual([202, { id: "evt_1", duplicate: false }]);
      await until(() => app.output().includes("paid evt_1"));
    },
  );

  it.each([
    ["route.js", "handle = module.POST"],
    ["hono.js", "handle = module.default.fetch"],
    ["worker.js", "handle = module.default.fetch"],
  ])("%s receives", (name, take) => {
    const main = join(folder, `run-${name}`);
    writeFileSync(
      main,
      `import * as module from ${JSON.stringify(pathToFileURL(join(folder, name)))};
import { signedRequest } from "@hooks/receiver/testing";
const log = console.log;
const handled = new Promise((resolve) => (console.log = (...words) => resolve(words.join(" "))));
const ${take};
const signing = { secret: "${secret}", url: "https://app/webhooks/billing" };
const { status } = await handle(signedRequest(${JSON.stringify(event)}, signing));
log(status, await handled);
process.exit();
`,
    );
    const env = { PATH: process.env["PATH"], WEBHOOK_SECRET: secret };
    const { stdout, stderr } = spawnSync(process.execPath, [main], {
      cwd: data.path,
      env,
      encoding: "utf8",
      timeout: 120_000,
    });
    expect(stderr + stdout).toBe("202 paid evt_1\n");
  });

  it("app.test.js passes", () => {
    const { status, stdout } = spawnSync(process.execPath, ["--test", join(folder, "app.test.js")], {
      cwd: data.path,
      encoding: "utf8",
    });
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/pass 2/);
  });
});

describeWithServer("redis", "the README's example consumer.js", () => {
  it("handles what is in the stream, and ends", async () => {
    const server = await startRedis();
    const redis = new Redis(server.url);
    await redis.xadd("jobs", "*", "id", "evt_1", "type", "invoice.paid");
    const env = { PATH: process.env["PATH"], REDIS_URL: server.url };
    const consumer = await startChild(process.execPath, [join(folder, "consumer.js")], { env });
    running = consumer;
    await until(() => consumer.output().includes("paid evt_1"));
    consumer.signal("SIGTERM");
    expect((await consumer.exited).code).toBe(0);
    redis.disconnect();
    await server.stop();
  });
});
