import type { Contract, Project } from "../project.ts";
import type { Check } from "../runtime/row.ts";
import { formatJson, header, moduleName, type Files } from "./files.ts";
import { sampleData } from "./sample-data.ts";
import { checksOf, compileContracts } from "./standalone.ts";
import { dataTypeName } from "./type-names.ts";

/**
 * `fixtures.ts`: every example, typed by its contract, every invalid example, and payloads made of the contracts, of
 * which `samples/` keeps what cannot be made without a compiler.
 */
export function renderFixtures(name: string, { config, contracts }: Project): Files {
  const types = contracts.flatMap((contract) =>
    contract.majors.map(({ major }) => dataTypeName(contract, major)),
  );
  const text = `${header(name)}import { table as closed } from "./closed.ts";
import { type Example, FixtureError, type InvalidExample, type Mutant } from "./runtime/fixture.ts";
import { fullSample, mutantSamples, randomSample } from "./runtime/samples.ts";
import { samples } from "./samples.ts";
import type { ${["Event", "EventMap", "EventType", "EventVersions", "Major", ...types].join(", ")} } from "./types.ts";

export { type Example, FixtureError, type InvalidExample, type Mutant } from "./runtime/fixture.ts";

/** Valid \`data\` of every event type, by major. */
export const examples: {
  readonly [T in EventType]: { readonly [M in Major<T>]: readonly Example<EventVersions[T][M]>[] };
} = {
${contracts.map(renderExamples).join("\n")}
};

/** \`data\` that must be refused, with the one fault it has. */
export const invalidExamples: Readonly<Record<EventType, readonly InvalidExample[]>> = ${formatJson(invalidOf(contracts)).trim()};

const latest: Readonly<Record<EventType, string>> = ${formatJson(latestOf(contracts)).trim()};

/**
 * A whole event made of an example of the newest major; the same for the same arguments. Without a name, the first
 * example. Throws FixtureError when there is no such event type or example.
 */
export function exampleEvent<T extends EventType>(type: T, name?: string): Event<T> {
  if (!Object.hasOwn(latest, type)) {
    throw new FixtureError("unknown_event_type", \`Expected an event type of this package, got "\${type}"\`);
  }
  const version = latest[type];
  const byMajor: Readonly<Record<string, readonly Example<unknown>[]>> = examples[type];
  const list = byMajor[version.slice(0, version.indexOf("."))] ?? [];
  const example = name === undefined ? list[0] : list.find((candidate) => candidate.name === name);
  if (example === undefined) {
    const names = list.map((candidate) => candidate.name).join(", ");
    throw new FixtureError("unknown_example", \`Expected an example of \${type} (\${names}), got "\${name}"\`);
  }
  const id = \`evt_\${type}_\${example.name}\`.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
  const event = { id, type, version, timestamp: "2026-01-01T00:00:00.000Z", source: ${JSON.stringify(config.source)} };
  // Version and data come from the same contract.
  return { ...event, data: example.data } as unknown as Event<T>;
}
${sampleFunctions}`;
  return new Map([
    ["fixtures.ts", text],
    ["samples.ts", renderTable(name, contracts)],
    ...renderSamples(name, contracts),
  ]);
}

/** What is made of the same contract as a type follows that type. */
const sampleFunctions = `
/**
 * Valid \`data\` with only what is required, each value as small as it may be; of the newest major, unless another is
 * named. Throws FixtureError when there is no such contract, or nothing can follow it.
 */
export function minimal<T extends EventType>(type: T): EventMap[T];
export function minimal<T extends EventType, M extends Major<T>>(type: T, major: M): EventVersions[T][M];
export function minimal(type: string, major?: string): unknown {
  return fullSample(samples, { type, major }, "minimal");
}

/** Valid \`data\` with every member, lists of two and long texts; otherwise like \`minimal\`. */
export function maximal<T extends EventType>(type: T): EventMap[T];
export function maximal<T extends EventType, M extends Major<T>>(type: T, major: M): EventVersions[T][M];
export function maximal(type: string, major?: string): unknown {
  return fullSample(samples, { type, major }, "maximal");
}

/** Valid \`data\`, the same for the same integer \`seed\`; otherwise like \`minimal\`. */
export function random<T extends EventType>(type: T, seed: number): EventMap[T];
export function random<T extends EventType, M extends Major<T>>(type: T, seed: number, major: M): EventVersions[T][M];
export function random(type: string, seed: number, major?: string): unknown {
  return randomSample(samples, { type, major }, { seed, closed });
}

/** \`data\` with one fault each, and the one issue \`validateEvent\` gives for it; of the newest major, unless another is named. */
export function mutants<T extends EventType>(type: T, major?: Major<T>): readonly Mutant[] {
  return mutantSamples(samples, { type, major });
}
`;

function renderTable(name: string, contracts: readonly Contract[]): string {
  const modules = contracts.flatMap(({ type, majors }) => majors.map(({ major }) => moduleName(type, major)));
  const imports = modules.map(
    (module, index) => `import { data as data${index} } from "./samples/${module}.ts";\n`,
  );
  const rows = contracts.map(({ type, majors }) => {
    const entries = majors.map(
      ({ major }) => `["${major}", data${modules.indexOf(moduleName(type, major))}]`,
    );
    return `  [${JSON.stringify(type)}, new Map([${entries.join(", ")}])],\n`;
  });
  return `${header(name)}import type { SampleTable } from "./runtime/samples.ts";
${imports.join("")}
export const samples: SampleTable = /* @__PURE__ */ new Map([
${rows.join("")}]);
`;
}

function renderSamples(name: string, contracts: readonly Contract[]): readonly (readonly [string, string])[] {
  const [closed, open] = (["closed", "open"] as const).map((openness) =>
    checksOf(compileContracts(contracts, openness)),
  );
  return contracts.flatMap(({ type, majors }) =>
    majors.map(({ major, schema }) => {
      const module = moduleName(type, major);
      const checks = { closed: checkAt(closed, module), open: checkAt(open, module) };
      const { variations, mutants, ...full } = sampleData(schema, checks);
      const members = Object.entries(full).map(
        ([member, value]) => `  ${member}: ${JSON.stringify(value)},\n`,
      );
      const text = `${header(name)}import type { SampleData } from "../runtime/samples.ts";

export const data: SampleData = {
${members.join("")}  variations: [
${renderRows(variations)}  ],
  mutants: [
${renderRows(mutants)}  ],
};
`;
      return [`samples/${module}.ts`, text] as const;
    }),
  );
}

function renderExamples(contract: Contract): string {
  const majors = contract.majors.map(({ major, examples }) => {
    const type = dataTypeName(contract, major);
    const rows = examples.map(
      ({ name, data }) =>
        `{ name: ${JSON.stringify(name)}, data: ${JSON.stringify(data)} satisfies ${type} },`,
    );
    return `    "${major}": [\n      ${rows.join("\n      ")}\n    ],`;
  });
  return `  ${JSON.stringify(contract.type)}: {\n${majors.join("\n")}\n  },`;
}

function latestOf(contracts: readonly Contract[]): unknown {
  return Object.fromEntries(contracts.map(({ type, majors: [newest] }) => [type, newest.version]));
}

function invalidOf(contracts: readonly Contract[]): unknown {
  return Object.fromEntries(
    contracts.map(({ type, majors: [newest] }) => [
      type,
      newest.invalid.map(({ name, why, data, expect }) => ({ name, why, data, expect })),
    ]),
  );
}

function checkAt(checks: ReadonlyMap<string, Check> | undefined, module: string): Check {
  const check = checks?.get(module);
  if (check === undefined) throw new Error(`The contract of ${module} was not compiled.`);
  return check;
}

function renderRows(rows: readonly unknown[]): string {
  return rows.map((row) => `    ${JSON.stringify(row)},\n`).join("");
}
