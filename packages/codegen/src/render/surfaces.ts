import type { Project } from "../project.ts";
import { header, type Files } from "./files.ts";

/** The modules people import: `index.ts` for consumers, `producer.ts` for producers. */
export function renderSurfaces(name: string, { config, contracts }: Project): Files {
  const latest = contracts.map(
    ({ type, majors: [newest] }) => `${JSON.stringify(type)}: ${JSON.stringify(newest.version)}`,
  );
  return new Map([
    ["index.ts", header(name) + index],
    ["producer.ts", header(name) + producer({ name, source: config.source, latest: latest })],
  ]);
}

const index = `import { table } from "./open.ts";
import { createParseEvent, type ParsedEvent } from "./runtime/parse.ts";
import type { Event, EventType, Major } from "./types.ts";

export type { ContractIssue } from "./runtime/issue.ts";
export type { ParsedEvent } from "./runtime/parse.ts";
export type * from "./types.ts";

/**
 * Reads the parsed JSON of an event by the open contract of its type and major: members it does not know are fine,
 * and so is a newer minor. What it is given is not copied.
 */
export const parseEvent: (input: unknown) => ParsedEvent<Event> = /* @__PURE__ */ createParseEvent<Event>(table);

/** Whether an event is of a type. */
export function isEvent<T extends EventType>(
  type: T,
  event: Event,
): event is Extract<Event, { readonly type: T }> {
  return event.type === type;
}

/** Whether an event follows a major of its contract, such as \`"2"\`. */
export function isVersion<E extends Event, M extends Major<E["type"]>>(
  major: M,
  event: E,
): event is Extract<E, { readonly version: \`\${M}.\${string}\` }> {
  return event.version.startsWith(\`\${major}.\`);
}
`;

interface ProducerTexts {
  readonly name: string;
  readonly source: string;
  readonly latest: readonly string[];
}

const producer = ({
  name,
  source,
  latest,
}: ProducerTexts) => `import catalog from "./catalog.json" with { type: "json" };
import { table } from "./closed.ts";
import { migrate } from "./migrations.ts";
import type { ContractInfo, ContractValidation, Contracts, EventToValidate } from "./runtime/contracts.ts";
import { createValidateEvent } from "./runtime/validate.ts";
import type { EventMap, EventType } from "./types.ts";

export type { ContractInfo, ContractValidation, Contracts, EventToValidate } from "./runtime/contracts.ts";
export type { ContractIssue } from "./runtime/issue.ts";

const source = ${JSON.stringify(source)};

interface Latest {
${latest.map((row) => `  readonly ${row};`).join("\n")}
}

const latest: Latest = {
${latest.map((row) => `  ${row},`).join("\n")}
};

/** Validates \`data\` by the closed contract of its type: a member the contract does not know is an error. */
export const validateEvent: (event: EventToValidate) => ContractValidation =
  /* @__PURE__ */ createValidateEvent(table);

/** All contracts, as a sender takes them. */
export const contracts: Contracts = {
  name: ${JSON.stringify(name)},
  source,
  eventTypes: catalog as Readonly<Record<string, ContractInfo>>,
  validateEvent,
  migrate,
};

/** What a producer says about an event; the contract adds the rest. */
export interface BuildOptions<T extends EventType> {
  readonly data: EventMap[T];
  /** The resource the event is about, and the key of its order. */
  readonly subject?: string;
  /** For publishing the same event twice without sending it twice. */
  readonly id?: string;
  /** When it happened, RFC 3339; by default, when it is published. */
  readonly timestamp?: string;
  /** Whose endpoints it goes to; by default everybody's. */
  readonly subscriber?: string;
  /** By default the package's. */
  readonly source?: string;
}

/** An event ready to be published. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: BuildOptions<K> & {
    readonly type: K;
    readonly version: Latest[K];
    readonly source: string;
  };
}[T];

/**
 * Makes an event of the newest version of its contract. It checks types only; publishing validates, and gives the event
 * the \`id\` and \`timestamp\` that it lacks if you gave none: \`parseEvent\`, which reads what arrives, wants both.
 */
export function build<T extends EventType>(type: T, options: BuildOptions<T>): NewEvent<T> {
  return { source, ...options, type, version: latest[type] } as NewEvent<T>;
}
`;
