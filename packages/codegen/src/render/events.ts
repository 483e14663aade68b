import type { Project } from "../project.ts";
import { header, pascalCase, type Files } from "./files.ts";
import { modulesOf, rowNames } from "./validators.ts";
import { reservedWords } from "./reserved-words.ts";

/** `events.ts`: each contract by itself, for who reads only a few and bundles. */
export function renderEvents(name: string, { contracts }: Project): Files {
  const names = rowNames(contracts);
  const imports = `import {\n${[...names.values()].map((row) => `  ${row},\n`).join("")}} from "./open.ts";`;
  const exports = contracts.map((contract) => {
    const { type, event } = contract;
    return `
/** ${event.summary.replaceAll("*/", "* /").replaceAll(/\s+/g, " ")}. */
export const ${constantName(type)}: EventContract<${JSON.stringify(type)}> = {
  type: ${JSON.stringify(type)},
  rows: [${modulesOf(contract)
    .map((module) => names.get(module))
    .join(", ")}],
};
`;
  });
  return new Map([["events.ts", `${header(name)}${imports}\n${parser}${exports.join("")}`]]);
}

/** `invoice.paid` to `invoicePaid`; a name that means something else already gets `Event` after it. */
function constantName(type: string): string {
  const name = pascalCase(type);
  const plain = name.slice(0, 1).toLowerCase() + name.slice(1);
  return isTaken(plain) ? `${plain}Event` : plain;
}

function isTaken(name: string): boolean {
  return /^(?:createParser|createParseEvent)$/.test(name) || reservedWords.has(name);
}

const parser = `import { createParseEvent, type ParsedEvent } from "./runtime/parse.ts";
import type { Row } from "./runtime/row.ts";
import type { Event, EventType } from "./types.ts";

/** The open contract of one event type. */
export interface EventContract<T extends EventType> {
  readonly type: T;
  readonly rows: readonly [Row, ...Row[]];
}

/** A \`parseEvent\` that knows only the given contracts: a bundler leaves out all others. */
export function createParser<const C extends readonly EventContract<EventType>[]>(
  contracts: C,
): (input: unknown) => ParsedEvent<Event<C[number]["type"]>> {
  return createParseEvent(new Map(contracts.map(({ type, rows }) => [type, rows])));
}
`;
