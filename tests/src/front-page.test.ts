import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { createTemporaryFolder, freePort, spawnApp, startChild, startSink, until } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const blocks = (language: string) =>
  Array.from(readme.matchAll(new RegExp("```" + language + "\n([^]*?)```", "g")), ([, code = ""]) => code);
const [receive = "", send = "", generate = ""] = blocks("ts");
const quickstart = (name: string) =>
  readFileSync(new URL(`examples/quickstart/src/${name}.ts`, root), "utf8");
const [gatewayConfig = ""] = blocks("yaml");

// A folder of this package, where its dependencies are found by their names.
const here = fileURLToPath(new URL("../dist/front-page/", import.meta.url));
mkdirSync(here, { recursive: true });
const folder = createTemporaryFolder("hooks-readme");
const cleanUp: (() => unknown)[] = [folder.remove, () => rmSync(here, { recursive: true })];
afterAll(async () => {
  for (const step of cleanUp.toReversed()) await step();
});

/** Runs a snippet as it stands (but on a free port) in a folder of its own, until the end of the tests. */
async function run(name: string, code: string, env: Readonly<Record<string, string>>) {
  writeFileSync(`${here}${name}.mts`, code);
  const child = await startChild(process.execPath, [`${here}${name}.mts`], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"], ...env },
  });
  cleanUp.push(async () => {
    child.signal("SIGKILL");
    await child.exited;
  });
  return child;
}

describe("README.md", () => {
  it("shows the quickstart as it is in examples/", () => {
    expect([receive, send]).toEqual([quickstart("receive"), quickstart("send")]);
  });

  it("shows code that compiles under the strictest options", () => {
    const project = {
      extends: "../../../tsconfig.base.json",
      compilerOptions: { noEmit: true },
      include: ["*.mts"],
    };
    writeFileSync(`${here}tsconfig.json`, JSON.stringify(project));
    for (const [index, code] of blocks("ts").entries()) writeFileSync(`${here}block-${index}.mts`, code);
    const { status, stdout } = spawnSync(
      fileURLToPath(new URL("node_modules/.bin/tsc", root)),
      ["-p", here],
      { encoding: "utf8" },
    );
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it("shows an app that receives and another that sends, which find each other", async () => {
    const env = { WEBHOOK_SECRET: generateSecret() };
    const port = String(await freePort());
    const receiver = await run("receive", receive.replaceAll("3000", port), env);
    await until(async () => (await fetch(`http://127.0.0.1:${port}/webhooks/billing`)).status === 405);
    const sender = await run("send", send.replaceAll("3000", port), env);
    await until(() => receiver.output().includes("deleted file_3Kx"), {
      what: `${receiver.output()}${sender.output()}`,
    });
  });

  it("shows a gateway configuration that forwards what is signed and refuses what is not", async () => {
    const sink = await startSink();
    cleanUp.push(() => sink.close());
    const config = `${folder.path}/hooks.yaml`;
    writeFileSync(config, gatewayConfig.replaceAll("3000", String(sink.port)));
    const secret = generateSecret();
    const port = String(await freePort());
    const gateway = await spawnApp({
      main: fileURLToPath(new URL("apps/gateway/dist/main.js", root)),
      cwd: folder.path,
      env: {
        HOOKS_CONFIG: config,
        HOOKS_ALLOW_HTTP: "true",
        HOOKS_ALLOW_CIDRS: "127.0.0.0/8",
        PORT: port,
        BILLING_SECRET: secret,
        GITHUB_SECRET: "x".repeat(32),
      },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
    cleanUp.push(() => gateway.kill());
    const body = '{"type":"invoice.paid"}';
    const post = async (headers: Readonly<Record<string, string>>) =>
      (
        await fetch(`http://127.0.0.1:${port}/in/billing`, {
          method: "POST",
          body,
          headers: { "content-type": "application/json", ...headers },
        })
      ).status;
    const headers = generateTestHeaders({ body, secret });
    expect([await post(headers), await post(headers), await post({})]).toEqual([202, 200, 401]);
    const [forwarded] = await sink.received(1);
    expect(forwarded?.body.toString()).toBe(body);
  });

  it("shows a generator that makes a package of a folder of schemas", async () => {
    cpSync(new URL("schemas", root), `${folder.path}/schemas`, { recursive: true });
    const child = await run("generate", generate, {});
    expect((await child.exited).code).toBe(0);
    expect(Number.parseInt(child.output(), 10)).toBeGreaterThan(10);
  });
});
