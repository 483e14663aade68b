import type { Contract, Project } from "../project.ts";
import { formatJson, header, type Files } from "./files.ts";
import { dataTypeName } from "./type-names.ts";

/** `fixtures.ts`: every example, typed by its contract, and every invalid example. */
export function renderFixtures(name: string, { config, contracts }: Project): Files {
  const types = contracts.flatMap((contract) =>
    contract.majors.map(({ major }) => dataTypeName(contract, major)),
  );
  const text = `${header(name)}import type { Example, InvalidExample } from "./runtime/fixture.ts";
import type { ${["Event", "EventType", "EventVersions", "Major", ...types].join(", ")} } from "./types.ts";

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
 * example. Throws RangeError when there is no example of that name.
 */
export function exampleEvent<T extends EventType>(type: T, name?: string): Event<T> {
  const version = latest[type];
  const byMajor: Readonly<Record<string, readonly Example<unknown>[]>> = examples[type];
  const list = byMajor[version.slice(0, version.indexOf("."))] ?? [];
  const example = name === undefined ? list[0] : list.find((candidate) => candidate.name === name);
  if (example === undefined) throw new RangeError(\`\${type} has no example \${name}\`);
  const id = \`evt_\${type}_\${example.name}\`.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
  const event = { id, type, version, timestamp: "2026-01-01T00:00:00.000Z", source: ${JSON.stringify(config.source)} };
  // Version and data come from the same contract.
  return { ...event, data: example.data } as unknown as Event<T>;
}
`;
  return new Map([["fixtures.ts", text]]);
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
