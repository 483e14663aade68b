import type { Contract, Project } from "../project.ts";
import { formatJson, header, type Files } from "./files.ts";
import { dataTypeName } from "./type-names.ts";

/** `fixtures.ts`: every example, typed by its contract, and every invalid example. */
export function renderFixtures(name: string, { contracts }: Project): Files {
  const types = contracts.flatMap((contract) =>
    contract.majors.map(({ major }) => dataTypeName(contract, major)),
  );
  const text = `${header(name)}import type { Example, InvalidExample } from "./runtime/fixture.ts";
import type { ${["EventType", "EventVersions", "Major", ...types].join(", ")} } from "./types.ts";

/** Valid \`data\` of every event type, by major. */
export const examples: {
  readonly [T in EventType]: { readonly [M in Major<T>]: readonly Example<EventVersions[T][M]>[] };
} = {
${contracts.map(renderExamples).join("\n")}
};

/** \`data\` that must be refused, with the one fault it has. */
export const invalidExamples: Readonly<Record<EventType, readonly InvalidExample[]>> = ${formatJson(invalidOf(contracts)).trim()};
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

function invalidOf(contracts: readonly Contract[]): unknown {
  return Object.fromEntries(
    contracts.map(({ type, majors: [newest] }) => [
      type,
      newest.invalid.map(({ name, why, data, expect }) => ({ name, why, data, expect })),
    ]),
  );
}
