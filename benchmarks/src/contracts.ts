import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { generate } from "@hooks/codegen";
import { createTemporaryFolder } from "@hooks/testkit";
import { rolldown } from "rolldown";
import { type Comparison, type Contender, throughput } from "./bench.ts";
import { type Corpus, githubCorpus, ownCorpus, type Payload } from "./corpus.ts";
import { type Checks, createChecks, type Validator } from "./peers/contracts-validators.ts";

const names: Readonly<Record<Validator, string>> = {
  generated: "@hooks/codegen, generated",
  ajv: "ajv, compiled at run time",
  zod: "zod, z.fromJSONSchema",
};

/** Judges payloads of our own events and of GitHub's; starts, sizes and generates. */
export async function* contracts(): AsyncGenerator<Comparison> {
  const temporary = createTemporaryFolder("hooks-bench-contracts");
  try {
    const github = await githubCorpus(temporary.path);
    for (const corpus of [ownCorpus(), github]) {
      const validators = await ready(corpus);
      for (const isValid of [true, false]) yield verdicts(corpus, validators, isValid);
      yield await starts(corpus, join(temporary.path, "start"));
    }
    yield await sizes();
    yield generation(temporary.path);
  } finally {
    temporary.remove();
  }
}

type Validators = Readonly<Record<Validator, Checks>>;

async function ready(corpus: Corpus): Promise<Validators> {
  const [generated, ajv, zod] = await Promise.all([
    createChecks.generated(corpus),
    createChecks.ajv(corpus),
    createChecks.zod(corpus),
  ]);
  return { generated, ajv, zod };
}

/** Only payloads that all judge alike: a validator that gives up early does other work. */
function verdicts({ name, payloads }: Corpus, validators: Validators, isValid: boolean): Comparison {
  const checks = Object.values(validators);
  const same = payloads.filter(({ type, data }) =>
    checks.every((byType) => byType.get(type)?.(data) === isValid),
  );
  if (same.length === 0) throw new Error(`No payload of ${name} is judged alike by all.`);
  return {
    name: `${isValid ? "valid" : "invalid"} ${name} (${same.length})`,
    unit: "op/s",
    better: "higher",
    ours: { name: names.generated, measure: throughput(judge(same, validators.generated)) },
    others: [
      { name: names.ajv, measure: throughput(judge(same, validators.ajv)), target: 1 },
      { name: names.zod, measure: throughput(judge(same, validators.zod)), target: 1 },
    ],
  };
}

/** Takes the payloads in turn. */
function judge(payloads: readonly Payload[], checks: Checks): () => unknown {
  const work = payloads.map(({ type, data }) => ({ check: checks.get(type), data }));
  let turn = 0;
  return () => {
    const { check, data } = work[turn++ % work.length] ?? {};
    return check?.(data);
  };
}

/**
 * Each measurement is a process of its own, from nothing loaded to the first verdict, all event types ready. Reading the
 * schemas, which only those that compile them need, is not timed.
 */
async function starts(corpus: Corpus, folder: string): Promise<Comparison> {
  await mkdir(folder, { recursive: true });
  const checks = Object.values(await ready(corpus));
  const payload = corpus.payloads.find(({ type, data }) =>
    checks.every((byType) => byType.get(type)?.(data)),
  );
  const { generated, dialect, schemas } = corpus;
  const [file, schemasFile] = [join(folder, `${dialect}.json`), join(folder, `${dialect}.schemas.json`)];
  await writeFile(file, JSON.stringify({ generated, dialect, payload }));
  await writeFile(schemasFile, JSON.stringify(schemas));
  const script = fileURLToPath(import.meta.resolve("./peers/contracts-start.js"));
  const contender = (validator: Validator, target?: number): Contender => ({
    name: names[validator],
    measure: () => {
      const files = validator === "generated" ? [file] : [file, schemasFile];
      return Number(execFileSync(process.execPath, [script, validator, ...files], { encoding: "utf8" }));
    },
    target,
  });
  return {
    name: `start, all ${corpus.name}`,
    unit: "ms",
    better: "lower",
    // Seconds each, where a compiler sees all of GitHub's schemas.
    rounds: dialect === "draft-07" ? 5 : 15,
    ours: contender("generated"),
    others: [contender("ajv", 1 / 20), contender("zod")],
  };
}

/** What one event type costs a browser or a worker. */
async function sizes(): Promise<Comparison> {
  const { schemas } = ownCorpus();
  const schema = JSON.stringify(schemas["order.shipped"]);
  const bundles: Readonly<Record<Validator, string>> = {
    generated: `import { createParser, orderShipped } from "@hooks/contracts/events";
export const parse = createParser([orderShipped]);`,
    ajv: `import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
export const parse = ajv.compile(${schema});`,
    zod: `import { fromJSONSchema } from "zod";
const schema = fromJSONSchema(${schema});
export const parse = (data) => schema.safeParse(data);`,
  };
  const bytes = new Map<Validator, number>();
  for (const validator of ["generated", "ajv", "zod"] as const)
    bytes.set(validator, await bundledBytes(bundles[validator]));
  const contender = (validator: Validator): Contender => ({
    name: names[validator],
    measure: () => bytes.get(validator) ?? Number.NaN,
  });
  return {
    name: "bundle of one event, minified and gzipped",
    unit: "B",
    better: "lower",
    rounds: 1,
    ours: contender("generated"),
    others: [contender("ajv"), contender("zod")],
  };
}

async function bundledBytes(code: string): Promise<number> {
  // There is no such file; it imports what this package depends on.
  const input = fileURLToPath(new URL("../entry.js", import.meta.url));
  const plugin = {
    name: "entry",
    resolveId: (id: string) => (id === input ? input : undefined),
    load: (id: string) => (id === input ? code : undefined),
  };
  const bundle = await rolldown({
    input,
    platform: "browser",
    plugins: [plugin],
  });
  const { output } = await bundle.generate({ minify: true });
  await bundle.close();
  if (output[0].imports.length > 0) throw new Error(`Not in the bundle: ${output[0].imports.join(", ")}`);
  return gzipSync(output[0].code).length;
}

/** From a folder of schemas to a package on disk: types, validators, fixtures, compiled. */
function generation(folder: string): Comparison {
  const options = { schemas: join(folder, "schemas"), out: join(folder, "again"), name: "github-events" };
  return {
    name: "generate all of GitHub's events",
    unit: "s",
    better: "lower",
    rounds: 3,
    ours: {
      name: "@hooks/codegen",
      measure: async () => {
        const before = performance.now();
        await generate(options);
        return (performance.now() - before) / 1000;
      },
    },
    others: [],
  };
}
