import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
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
  await symlink(root, join(folder, "node_modules/@hooks/signing"));
  const dependencies = { "@hooks/signing": "*" };
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies }));
  const vectors = await readFile(new URL("vectors.json", import.meta.url), "utf8");
  await writeFile(join(folder, "vectors.js"), `export const { vectors } = ${vectors};\n`);
  await writeFile(join(folder, "faults.js"), faults);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Holds the variant that the runtime's own conditions choose to every vector, and has it sign with new secrets. */
const faults = `import * as signing from "@hooks/signing";
import { prepareProvider } from "@hooks/signing/providers";
import { vectors } from "./vectors.js";

const { generateSecret, publicKeyOf, sign, generateTestHeaders, verify } = signing;

export async function faults() {
  const found = [];
  if (!(generateSecret() instanceof Promise)) found.push("not the variant for WebCrypto");
  for (const { name, provider, secrets, signWith, now, headers, body, bodyBase64, expect } of vectors) {
    const bytes = bodyBase64 === undefined
      ? new TextEncoder().encode(body)
      : Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0));
    const answer = prepareProvider(provider, { secrets }).verify({ headers, body: bytes, now });
    if (!(answer instanceof Promise)) found.push("not the variant for WebCrypto");
    const { ok, reason, event } = await answer;
    if (ok !== expect.ok || reason !== expect.reason || event?.id !== expect.id) {
      found.push(provider + ", " + name + ": " + reason);
    }
    if (provider !== "standard-webhooks") continue;
    const result = await verify({ headers, body: bytes, keys: secrets, now });
    if (result.ok !== expect.ok || result.reason !== expect.reason || result.keyIndex !== expect.keyIndex) {
      found.push(name + ": " + JSON.stringify(result));
    }
    if (signWith === undefined) continue;
    const signed = await sign({ id: expect.id, timestamp: now, body: bytes, keys: signWith });
    if (signed["webhook-signature"] !== headers["webhook-signature"]) found.push(name + ": signed otherwise");
  }
  const [shared, own] = [await generateSecret(), await generateSecret("v1a")];
  for (const [secret, key] of [[shared, shared], [seedOf(own), await publicKeyOf(own)]]) {
    const headers = await generateTestHeaders({ body: "é", secret });
    const body = new TextEncoder().encode("é").buffer;
    const { ok } = await verify({ headers: new Headers(headers), body, keys: [key] });
    if (!ok) found.push("refuses what it signs");
  }
  return found.join("\\n");
}

/** A private key without its public one behind it. */
function seedOf(secret) {
  return "whsk_" + btoa(atob(secret.slice(5)).slice(0, 32));
}
`;

/** The variant for Node.js, by its name. */
const synchronous = `import { generateSecret, generateTestHeaders, publicKeyOf, verify } from "@hooks/signing/node";
import { Webhook } from "@hooks/signing/compat";

function answers() {
  const [secret, privateKey] = [generateSecret(), generateSecret("v1a")];
  const body = new TextEncoder().encode("{}");
  const isGenuine = (secret, key) =>
    verify({ headers: generateTestHeaders({ body, secret }), body, keys: [key] }).ok;
  return [
    isGenuine(secret, secret),
    isGenuine(privateKey, publicKeyOf(privateKey)),
    JSON.stringify(new Webhook(secret).verify("{}", generateTestHeaders({ body, secret }))),
  ].join();
}
`;

/** Loaded by what needs them, when it does. */
const optionalPeers = ["jose", "structured-headers"];

function run(
  command: string,
  args: readonly string[],
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  return { status, output: stdout + stderr };
}
const bin = (name: string) => join(root, "node_modules/.bin", name);

async function bundled(code: string, external: readonly string[] = []): Promise<string> {
  const input = join(folder, "entry.js");
  await writeFile(input, code);
  const bundle = await rolldown({ input, platform: "browser", external: [...external] });
  const { output } = await bundle.generate({ minify: true });
  await bundle.close();
  expect(output).toHaveLength(1);
  expect(output[0].imports.filter((name) => !external.includes(name))).toEqual([]);
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
    { runtime: "node", command: process.execPath, args: ["--conditions", "browser"] },
  ])("stands all vectors on WebCrypto in $runtime", async ({ command, args }) => {
    const main = join(folder, "main.js");
    await writeFile(main, 'import { faults } from "./faults.js";\nconsole.log(await faults());\n');
    expect(run(command, [...args, main])).toEqual({ status: 0, output: "\n" });
  });

  it("stands all vectors in a worker, without Node.js compatibility", async () => {
    const code = `import { faults } from "./faults.js";
export default {
  async test() {
    const found = await faults();
    if (found !== "") throw new Error(found);
  },
};`;
    const worker = await bundled(code, optionalPeers);
    await writeFile(join(folder, "worker.js"), worker);
    await writeFile(join(folder, "worker.capnp"), configFor([]));
    const { status, output } = run(bin("workerd"), ["test", "worker.capnp"]);
    expect(status, output).toBe(0);
    expect(output).toContain("[ PASS ]");
  });

  it.each([
    { runtime: "bun", command: bin("bun"), args: ["run", "--no-install"] },
    {
      runtime: "deno",
      command: bin("deno"),
      args: ["run", "--no-prompt", "--no-remote", "--node-modules-dir=manual"],
    },
  ])("has ./node and ./compat work in $runtime too", async ({ command, args }) => {
    const main = join(folder, "main.js");
    await writeFile(main, `${synchronous}console.log(answers());`);
    expect(run(command, [...args, main])).toEqual({ status: 0, output: "true,true,{}\n" });
  });

  it("has ./node and ./compat work in a worker with Node.js compatibility", async () => {
    const code = `${synchronous}
export default {
  test() {
    if (answers() !== "true,true,{}") throw new Error(answers());
  },
};`;
    await writeFile(join(folder, "worker.js"), await bundled(code, ["node:crypto", "node:buffer"]));
    await writeFile(join(folder, "worker.capnp"), configFor(["nodejs_compat"]));
    const { status, output } = run(bin("workerd"), ["test", "worker.capnp"]);
    expect(status, output).toBe(0);
    expect(output).toContain("[ PASS ]");
  });

  it("comes to a bundle for browsers without anything of Node.js", async () => {
    const names = 'export * from "@hooks/signing"; export * from "@hooks/signing/providers";';
    const code = await bundled(names, optionalPeers);
    expect(code).not.toMatch(/["']node:|\brequire\(|\bprocess\.|\bBuffer\b|new Function|\beval\(/);
  });
});

const configFor = (flags: readonly string[]) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01",
    compatibilityFlags = ${JSON.stringify(flags)},
  ))],
);
`;
