import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "runtimes-"));
  await mkdir(join(folder, "node_modules/@hooks"), { recursive: true });
  await symlink(root, join(folder, "node_modules/@hooks/contracts"));
  const dependencies = { "@hooks/contracts": "*" };
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const answers = `import { parseEvent } from "@hooks/contracts";
import { createParser, orderShipped } from "@hooks/contracts/events";
import { exampleEvent } from "@hooks/contracts/fixtures";
import { migrate } from "@hooks/contracts/migrations";
import { build, validateEvent } from "@hooks/contracts/producer";

export function answers() {
  const event = exampleEvent("order.shipped");
  return [
    parseEvent(event).ok,
    parseEvent({ ...event, data: { object: { ...event.data.object, shipped_at: "yesterday" } } }).ok,
    createParser([orderShipped])(event).ok,
    validateEvent(build("order.shipped", { data: event.data })).ok,
    validateEvent({ type: "order.shipped", data: { ...event.data, more: 1 } }).ok,
    migrate({ type: event.type, data: event.data, from: 1, to: 1 }).ok,
  ].join();
}
`;
const expected = "true,false,true,true,false,true";

function run(
  command: string,
  args: readonly string[],
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  return { status, output: stdout + stderr };
}
const bin = (name: string) => join(root, "node_modules/.bin", name);

async function bundled(code: string): Promise<string> {
  const input = join(folder, "entry.js");
  await writeFile(join(folder, "answers.js"), answers);
  await writeFile(input, code);
  const bundle = await rolldown({ input, platform: "browser" });
  const { output } = await bundle.generate();
  await bundle.close();
  expect(output).toHaveLength(1);
  expect(output[0].imports).toEqual([]);
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
    { runtime: "node", command: process.execPath, args: ["--disallow-code-generation-from-strings"] },
  ])("loads and judges in $runtime", async ({ command, args }) => {
    await writeFile(join(folder, "answers.js"), answers);
    const main = join(folder, "main.js");
    await writeFile(main, 'import { answers } from "./answers.js";\nconsole.log(answers());\n');
    expect(run(command, [...args, main])).toEqual({ status: 0, output: `${expected}\n` });
  });

  it("loads and judges in a worker, which evaluates no text", async () => {
    const worker = await bundled(`import { answers } from "./answers.js";
export default {
  test() {
    let evaluated = true;
    try { new Function("return 1")(); } catch { evaluated = false; }
    if (evaluated) throw new Error("evaluated text");
    if (answers() !== "${expected}") throw new Error(answers());
  },
};`);
    await writeFile(join(folder, "worker.js"), worker);
    await writeFile(join(folder, "worker.capnp"), config);
    const { status, output } = run(bin("workerd"), ["test", "worker.capnp"]);
    expect(status, output).toBe(0);
    expect(output).toContain("[ PASS ]");
  });

  it("comes to a bundle for browsers without anything of Node.js", async () => {
    const code = await bundled('export { answers } from "./answers.js";');
    expect(code).not.toMatch(/["']node:|\brequire\(|\bprocess\.|\bBuffer\b|new Function|\beval\(/);
  });
});

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01",
  ))],
);
`;
