import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const bin = (name: string) => join(repository, "node_modules/.bin", name);
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "publish-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd: string): string {
  // Or pnpm, which changesets asks to format, would install what it believes to be missing.
  const env = { ...process.env, pnpm_config_verify_deps_before_run: "false" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  expect({
    command: [command, ...args].join(" "),
    status,
    stderr: status === 0 ? "" : stdout + stderr,
  }).toEqual({
    command: [command, ...args].join(" "),
    status: 0,
    stderr: "",
  });
  return stdout;
}

const handler = `import { isVersion, parseEvent, type Event } from "@hooks/contracts";
import { createParser, orderShipped } from "@hooks/contracts/events";
import { exampleEvent } from "@hooks/contracts/fixtures";
import { migrate } from "@hooks/contracts/migrations";
import { build, validateEvent } from "@hooks/contracts/producer";

function handle(event: Event): string {
  switch (event.type) {
    case "invoice.paid":
      return isVersion("2", event) ? event.data.object.total.currency : event.data.object.currency;
    case "order.shipped":
      return event.data.object.carrier;
    default:
      return event.type;
  }
}
// @ts-expect-error There is no such event type.
const never: Event<"order.eaten"> | undefined = undefined;

const shipped = exampleEvent("order.shipped");
const paid = exampleEvent("invoice.paid");
if (!isVersion("2", paid)) throw new Error("not the newest");
const { data } = paid;
const parsed = parseEvent(shipped);
console.log(
  JSON.stringify([
    parsed.ok ? handle(parsed.event) : parsed.issues,
    parseEvent({ ...shipped, data: {} }).ok,
    createParser([orderShipped])(shipped).ok,
    validateEvent(build("invoice.paid", { data })).ok,
    migrate({ type: "invoice.paid", data, from: 2, to: 1 }).ok,
    never,
  ]),
);
`;

const app = (): string => join(folder, "app");

describe("the packed package, installed in an empty project", () => {
  beforeAll(async () => {
    const root = join(repository, "packages/contracts");
    run(bin("pnpm"), ["pack", "--pack-destination", folder], root);
    await mkdir(app());
    await writeFile(
      join(app(), "package.json"),
      JSON.stringify({ name: "app", type: "module", private: true }),
    );
    await writeFile(join(app(), "handler.ts"), handler);
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    const tarball = join(folder, `hooks-contracts-${version}.tgz`);
    run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], app());
  });

  it.each([
    { module: "nodenext", moduleResolution: "nodenext" },
    { module: "esnext", moduleResolution: "bundler" },
  ])("compiles a typed handler with moduleResolution $moduleResolution", async (how) => {
    const compilerOptions = {
      ...how,
      target: "es2022",
      lib: ["es2022", "dom"],
      strict: true,
      types: [],
      noEmit: true,
    };
    await writeFile(join(app(), "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["handler.ts"] }));
    const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
    expect(run(process.execPath, [join(typescript, "bin/tsc"), "-p", "."], app())).toBe("");
  });

  it("runs it", () => {
    expect(JSON.parse(run(process.execPath, ["handler.ts"], app()))).toEqual([
      "post",
      false,
      true,
      true,
      true,
      null,
    ]);
  });
});

describe("a release", () => {
  it("bumps the package, writes its changelog, and could be published", async () => {
    const clone = join(folder, "clone");
    run("git", ["clone", "--quiet", "--depth", "1", pathToFileURL(repository).href, clone], folder);
    await mkdir(join(clone, "node_modules/@changesets"), { recursive: true });
    const changesets = "node_modules/@changesets/cli";
    await symlink(join(repository, changesets), join(clone, changesets));
    const root = join(clone, "packages/contracts");
    await writeFile(
      join(clone, ".changeset/test.md"),
      '---\n"@hooks/contracts": minor\n---\n\nShips by drone.\n',
    );
    run(bin("changeset"), ["version"], clone);
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    expect(version).not.toBe("0.0.0");
    expect(await readFile(join(root, "CHANGELOG.md"), "utf8")).toMatch(
      new RegExp(`^## ${version.replaceAll(".", "\\.")}\\n[\\s\\S]*Ships by drone`, "m"),
    );

    await cp(join(repository, "packages/contracts/dist"), join(root, "dist"), {
      recursive: true,
      filter: (file) => !file.includes("/dist/."),
    });
    const output = run(bin("pnpm"), ["publish", "--dry-run", "--no-git-checks", "--json"], root);
    const report = JSON.parse(output) as { files: readonly { path: string }[]; version: string };
    const paths = report.files.map(({ path }) => path);
    expect(report.version).toBe(version);
    expect(paths).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", "dist/index.js", "dist/index.d.ts"]),
    );
    expect(paths.filter((path) => /\.test\.|test-support/.test(path))).toEqual([]);
  });
});
