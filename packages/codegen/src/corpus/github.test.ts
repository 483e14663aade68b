import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRuntime } from "../generate.ts";
import { pascalCase, type Files } from "../render/files.ts";
import { render } from "../render/render.ts";
import { createFolder, type Folder } from "../test-support/folder.ts";
import { createPlainCheck, githubPayloads, githubSources, type Payload } from "../test-support/github.ts";

const { sources, warnings } = githubSources();
const types = [...sources.keys()].filter((file) => file.endsWith("/schema.json")).map(dirname);
const payloads = githubPayloads(new Set(types));
const ours = payloads.filter(({ from }) => from === "api.github.com");
const plain = createPlainCheck();
const faults = new Map(payloads.map((payload) => [payload, plain(payload)]));
const faultsOf = (payload: Payload) => faults.get(payload) ?? [];

let folder: Folder;
let files: Files = new Map();
const run = (args: readonly string[]) => {
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder.path,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  return stdout + stderr;
};

beforeAll(async () => {
  files = await render({ sources, runtime: await readRuntime() });
  folder = await createFolder();
  await folder.write([
    ...files,
    ["package.json", '{"type":"module"}'],
    ["payloads.json", JSON.stringify(payloads)],
    ["literals.ts", literals()],
    ["verdicts.ts", verdicts],
    ["tsconfig.json", JSON.stringify({ compilerOptions })],
  ]);
});
afterAll(() => folder.remove());

const compilerOptions = {
  strict: true,
  noEmit: true,
  target: "es2024",
  lib: ["es2024", "dom"],
  module: "nodenext",
  types: [],
  resolveJsonModule: true,
  rewriteRelativeImportExtensions: true,
};

/** One payload a line, each said to be of its contract's type. */
function literals(): string {
  const names = [...new Set(ours.map(({ type }) => pascalCase(type)))];
  const lines = ours.map(({ data }, index) => {
    const type = pascalCase(ours[index]?.type ?? "");
    return `export const payload${index}: ${type} = ${JSON.stringify(data)};`;
  });
  return [`import type { ${names.join(", ")} } from "./types.ts";`, ...lines, ""].join("\n");
}

const verdicts = `import payloads from "./payloads.json" with { type: "json" };
import { table as closed } from "./closed.ts";
import { table as open } from "./open.ts";

const check = (table: typeof open, type: string, data: unknown) => table.get(type)?.[0].check(data);
console.log(JSON.stringify(payloads.map(({ type, data }) => [check(closed, type, data), check(open, type, data)])));
`;

describe("GitHub's schemas", () => {
  it("are imported with nothing left out but what no contract knows", () => {
    expect(types).toHaveLength(224);
    expect([...new Set(warnings)]).toEqual(["dropped_keyword"]);
  });

  it("come to types with a name each, and no copies", () => {
    const names = [...(files.get("types.ts") ?? "").matchAll(/^export (?:type|interface) (\w+)/gm)].map(
      ([, name = ""]) => name,
    );
    expect(names.length).toBeGreaterThan(types.length);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => /\D\d$/.test(name) && names.includes(name.slice(0, -1)))).toEqual([]);
  });

  it("come to validators of at most 220 kB, gzipped, for consumers as for producers", () => {
    for (const openness of ["open", "closed"]) {
      const code = files.get(`${openness}.ts`) ?? "";
      expect(code.match(/^export const row_/gm)).toHaveLength(types.length);
      expect(gzipSync(code).length, openness).toBeLessThanOrEqual(220_000);
    }
  });
});

describe("GitHub's payloads", () => {
  it("are many, and not all right", () => {
    expect(ours.length).toBeGreaterThan(300);
    expect(payloads.length).toBeGreaterThan(600);
    const wrong = ours.filter((payload) => faultsOf(payload).length > 0);
    expect(wrong.length).toBeGreaterThan(20);
    expect(wrong.length).toBeLessThan(100);
  });

  it("are judged by the producer's validators as by plain ajv, and what those accept, the consumer's do", () => {
    const judged = JSON.parse(run(["--disallow-code-generation-from-strings", "verdicts.ts"])) as boolean[][];
    expect(judged).toHaveLength(payloads.length);
    const contradictions = payloads.flatMap((payload, index) => {
      const [closed, open] = judged[index] ?? [];
      const isValid = faultsOf(payload).length === 0;
      const agrees = closed === isValid && (open === true || closed === false);
      return agrees
        ? []
        : [{ type: payload.type, from: payload.from, closed, open, faults: faultsOf(payload) }];
    });
    expect(contradictions).toEqual([]);
  });

  it("are of their types if and only if they are valid, formats apart", () => {
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const output = run([tsc, "-p", ".", "--pretty", "false"]);
    const errors = output.split("\n").filter((line) => /error TS/.test(line));
    expect(errors.filter((line) => !line.startsWith("literals.ts("))).toEqual([]);
    const refused = new Set(errors.map((line) => Number(/^literals\.ts\((\d+),/.exec(line)?.[1]) - 2));
    const contradictions = ours.flatMap((payload, index) => {
      const said = faultsOf(payload).filter((keyword) => keyword !== "format");
      return refused.has(index) === said.length > 0
        ? []
        : [
            {
              type: payload.type,
              index,
              said,
              output: errors.filter((e) => e.startsWith(`literals.ts(${index + 2},`)),
            },
          ];
    });
    expect(contradictions).toEqual([]);
  });
});
