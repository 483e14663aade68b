import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "runtimes-"));
  await mkdir(join(folder, "node_modules/@hooks"), { recursive: true });
  await symlink(root, join(folder, "node_modules/@hooks/receiver"));
  await symlink(join(root, "node_modules/@hooks/signing"), join(folder, "node_modules/@hooks/signing"));
  const dependencies = { "@hooks/receiver": "*", "@hooks/signing": "*" };
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies }));
  await writeFile(join(folder, "app.js"), app);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Receives as an application in any runtime does, and says what came of it. */
const app = `import { createDirectReceiver, createMemoryDedupe, gone, payloadHandlers } from "@hooks/receiver";
import { createFetchHandler } from "@hooks/receiver/fetch";
import { generateTestHeaders } from "@hooks/signing";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const seen = [];
const receiver = createDirectReceiver({
  sources: {
    billing: { provider: "standard-webhooks", secrets: [secret] },
    github: { provider: "github", secrets: ["It's a Secret to Everybody"] },
  },
  dedupe: createMemoryDedupe(),
  handlers: {
    "invoice.*": (event) => void seen.push(event.json().n),
    "*": () => gone(),
  },
  sourceHandlers: { github: payloadHandlers({ ping: () => {} }) },
});
export const handle = createFetchHandler(receiver);

const post = (source, body, headers) =>
  handle(new Request("https://host/in/" + source, { method: "POST", body, headers }));

export async function outcomes() {
  const body = '{"type":"invoice.paid","n":7}';
  const headers = await generateTestHeaders({ id: "evt_1", body, secret });
  const other = '{"type":"else"}';
  const responses = [
    await post("billing", body, headers),
    await post("billing", body, headers),
    await post("billing", body + " ", headers),
    await post("billing", other, await generateTestHeaders({ id: "evt_2", body: other, secret })),
    await post("github", "Hello, World!", {
      "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-github-event": "push",
    }),
    await handle(new Request("https://host/in/billing")),
  ];
  return [...responses.map(({ status }) => status), ...seen].join();
}
`;
const expected = "202,200,401,410,202,405,7";

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  return { status, output: stdout + stderr };
}
const bin = (name: string) => join(root, "node_modules/.bin", name);

/** Loaded by what needs them, when it does. */
const optionalPeers = ["jose", "structured-headers"];

async function bundled(code: string): Promise<string> {
  const input = join(folder, "entry.js");
  await writeFile(input, code);
  const bundle = await rolldown({
    input,
    platform: "browser",
    resolve: { conditionNames: ["workerd", "browser", "import"] },
    external: optionalPeers,
  });
  const { output } = await bundle.generate({});
  await bundle.close();
  expect(output).toHaveLength(1);
  expect(output[0].imports.filter((name) => !optionalPeers.includes(name))).toEqual([]);
  return output[0].code;
}

describe("the package, as it is built", () => {
  it.each([
    { runtime: "bun", command: bin("bun"), args: ["run", "--no-install"] },
    {
      runtime: "deno",
      command: bin("deno"),
      args: ["run", "--no-prompt", "--no-remote", "--node-modules-dir=manual"],
    },
    { runtime: "node", command: process.execPath, args: [] },
    { runtime: "node, for the web", command: process.execPath, args: ["--conditions", "workerd"] },
  ])("receives in $runtime", async ({ command, args }) => {
    const main = join(folder, "main.js");
    await writeFile(main, 'import { outcomes } from "./app.js";\nconsole.log(await outcomes());\n');
    expect(run(command, [...args, main])).toEqual({ status: 0, output: `${expected}\n` });
  });

  it.each(["createReceiver", "createDirectReceiver"])(
    "adds at most 12 kB to a bundle, apart from what it depends on: %s",
    async (name) => {
      const input = join(folder, `${name}.js`);
      await writeFile(input, `import { ${name} } from "@hooks/receiver";\nglobalThis.used = ${name};`);
      const bundle = await rolldown({ input, platform: "node", external: /^(?:node:|@hooks\/(?!receiver))/ });
      const { output } = await bundle.generate({ minify: true });
      await bundle.close();
      const [{ code }] = output;
      expect(code).toContain("signature_invalid");
      expect(gzipSync(code).byteLength).toBeLessThanOrEqual(12_000);
    },
  );

  it("receives in a worker, without anything of Node.js", async () => {
    const worker = await bundled(`import { handle, outcomes } from "./app.js";
export default {
  fetch: handle,
  async test() {
    const found = await outcomes();
    if (found !== "${expected}") throw new Error(found);
  },
};`);
    await writeFile(join(folder, "worker.js"), worker);
    await writeFile(join(folder, "worker.capnp"), configuration);
    const { status, output } = run(bin("workerd"), ["test", "worker.capnp"]);
    expect(status, output).toBe(0);
    expect(output).toContain("[ PASS ]");
  });
});

const configuration = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01",
  ))],
);
`;
