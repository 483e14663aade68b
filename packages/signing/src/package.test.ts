import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { providers } from "./providers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "signing-"));
  await mkdir(join(folder, "node_modules/@hooks"), { recursive: true });
  await symlink(root, join(folder, "node_modules/@hooks/signing"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hasNow = `
const headers = sign({ id: "evt_1", timestamp: new Date(), body: "{}", keys: [generateSecret()] });
const text: string = headers["webhook-signature"];
const result = verify({ headers, body: new Uint8Array(), keys: [] });
const reason: Reason | undefined = result.ok ? undefined : result.reason;
`;
const hasLater = `
const headers = await sign({ id: "evt_1", timestamp: new Date(), body: "{}", keys: [await generateSecret()] });
const text: string = headers["webhook-signature"];
const result = await verify({ headers, body: new Uint8Array(), keys: [] });
const reason: Reason | undefined = result.ok ? undefined : result.reason;
`;
/** Where the variant is not known, forgetting \`await\` must not compile, and neither must what only a promise has. */
const hasEither = `${hasLater}
// @ts-expect-error it may come later
verify({ headers, body: new Uint8Array(), keys: [] }).ok;
// @ts-expect-error it may be there already
verify({ headers, body: new Uint8Array(), keys: [] }).then;
`;
const imports = (specifier: string) =>
  `import { generateSecret, sign, verify, type Reason } from "${specifier}";\n`;

const providersNow = `
const prepared = prepareProvider("github", { secrets: ["x"] });
const result = prepared.verify({ headers: {}, body: new Uint8Array() });
const text: string = result.ok ? result.event.id : result.reason;
`;
const providersLater = providersNow.replace("prepared.verify", "await prepared.verify");
const providersEither = `${providersLater}
// @ts-expect-error it may come later
prepared.verify({ headers: {}, body: new Uint8Array() }).ok;
`;
const nodenext = { module: "nodenext" };
const bundler = { module: "esnext", moduleResolution: "bundler" };
const main = "@hooks/signing";

describe("@hooks/signing", () => {
  it("exports the test vectors as JSON", async () => {
    const name = "@hooks/signing/vectors.json";
    const { default: file } = (await import(name, { with: { type: "json" } })) as {
      default: { vectors: unknown[] };
    };
    expect(file.vectors.length).toBeGreaterThan(50);
  });

  it.each([
    { resolution: "nodenext", from: main, options: nodenext, code: hasNow },
    { resolution: "nodenext", from: `${main}/node`, options: nodenext, code: hasNow },
    { resolution: "nodenext", from: `${main}/web`, options: nodenext, code: hasLater },
    { resolution: "bundler", from: main, options: bundler, code: hasEither },
    { resolution: "bundler", from: `${main}/node`, options: bundler, code: hasNow },
    { resolution: "bundler", from: `${main}/web`, options: bundler, code: hasLater },
    ...["workerd", "deno", "bun", "browser"].map((condition) => ({
      resolution: `bundler for ${condition}`,
      from: main,
      options: { ...bundler, customConditions: [condition] },
      code: `${hasLater}verify({ headers, body: new Uint8Array(), keys: [] }).then;`,
    })),
    {
      resolution: "bundler for node",
      from: main,
      options: { ...bundler, customConditions: ["node"] },
      code: hasNow,
    },
    ...[
      { from: "providers", options: nodenext, code: providersNow },
      { from: "providers/web", options: nodenext, code: providersLater },
      { from: "providers", options: bundler, code: providersEither },
      {
        from: "providers",
        options: { ...bundler, customConditions: ["workerd"] },
        code: `${providersLater}prepared.verify({ headers: {}, body: new Uint8Array() }).then;`,
      },
    ].map(({ from, options, code }) => ({
      resolution: Object.values(options).join(" "),
      from: `${main}/${from}`,
      options,
      code: `import { prepareProvider } from "${main}/${from}";${code}const reason = text;`,
    })),
  ])(
    "has the types of $from under $resolution, without those of Node.js",
    async ({ from, options, code }) => {
      const compilerOptions = {
        ...options,
        target: "es2022",
        lib: ["es2022"],
        types: [],
        strict: true,
        noEmit: true,
        exactOptionalPropertyTypes: true,
      };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
      const names = from.includes("providers") ? "" : imports(from);
      await writeFile(join(folder, "main.ts"), `${names}${code}export { text, reason };\n`);
      const tsc = join(root, "../../node_modules/.bin/tsc");
      const { stdout, status } = spawnSync(tsc, ["-p", folder], { encoding: "utf8" });
      expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
    },
  );

  it.each([
    { conditions: [], isLater: false },
    ...["workerd", "deno", "bun", "browser"].map((name) => ({ conditions: [name], isLater: true })),
  ])("runs WebCrypto under the conditions $conditions: $isLater", async ({ conditions, isLater }) => {
    const code = `import { generateSecret } from "${main}"; console.log(generateSecret() instanceof Promise);`;
    await writeFile(join(folder, "main.js"), code);
    const flags = conditions.flatMap((condition) => ["--conditions", condition]);
    const { stdout } = spawnSync(process.execPath, [...flags, join(folder, "main.js")], { encoding: "utf8" });
    expect(stdout).toBe(`${isLater}\n`);
  });

  it.each([
    { section: "## Providers", output: "push\n" },
    { section: "### A row of your own", output: "order.paid 7\n" },
  ])("has a snippet that runs under $section", async ({ section, output }) => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const [, code = ""] = new RegExp(`${section}\\n[^]*?\`\`\`ts\\n([^]*?)\`\`\``).exec(readme) ?? [];
    for (const condition of ["node", "browser"]) {
      // WebCrypto's variant answers later.
      const adapted = condition === "node" ? code : code.replace("github.verify(", "await github.verify(");
      await writeFile(join(folder, "snippet.ts"), adapted);
      const flags = ["--conditions", condition, join(folder, "snippet.ts")];
      expect(spawnSync(process.execPath, flags, { encoding: "utf8" }).stdout).toBe(output);
    }
  });

  it("tells how many providers there are", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    expect(readme).toContain(`${Object.keys(providers).length} providers are known by name`);
  });

  it.each(["node", "browser"])("has a snippet for WebCrypto that runs as %s's variant", async (condition) => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const [, code = ""] = /## On WebCrypto[^]*?```ts\n([^]*?)```/.exec(readme) ?? [];
    await writeFile(join(folder, "snippet.ts"), code);
    const flags = ["--conditions", condition, join(folder, "snippet.ts")];
    expect(spawnSync(process.execPath, flags, { encoding: "utf8" }).stdout).toBe("204\n");
  });
});
