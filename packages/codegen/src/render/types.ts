import { referenceTo } from "../normalise/definitions.ts";
import type { Contract, Project } from "../project.ts";
import { header } from "./files.ts";
import { allTypes, dataTypeName, nameDefinitions } from "./type-names.ts";
import { typeSchema } from "./type-schema.ts";
import { withMemberNames } from "./type-text.ts";

/** `types.ts`: a type for every `data` and every shared shape, the maps of events, and `Event`. */
export async function renderTypes(name: string, { contracts }: Project): Promise<string> {
  return header(name) + (await renderDataTypes(contracts)) + renderMaps(contracts) + eventTypes;
}

/** Only the types of `data` and of the shapes in it. */
export async function renderDataTypes(contracts: readonly Contract[]): Promise<string> {
  const named = nameDefinitions(contracts);
  const definitions = named.map(({ name, schema, typeOf }) => [
    name,
    { title: name, ...typeSchema(schema, typeOf) },
  ]);
  const properties = Object.fromEntries(named.map(({ name }) => [name, { $ref: referenceTo(name) }]));
  // The compiler changes what it is given, and never leaves this document: nothing is read or fetched.
  const document = structuredClone({
    title: allTypes,
    additionalProperties: false,
    properties,
    $defs: Object.fromEntries(definitions),
  });
  // Loaded when it is wanted: who only loads contracts at run time shall not wait for it.
  const { compile } = await import("json-schema-to-typescript");
  const text = await compile(document, allTypes, {
    bannerComment: "",
    ignoreMinAndMaxItems: true,
    style: { printWidth: 110 },
    $refOptions: { resolve: { external: false, http: false, file: false } },
  });
  const types = text.replace(new RegExp(`^export interface ${allTypes} \\{[^}]*^\\}\\n`, "m"), "");
  for (const [, type = ""] of types.matchAll(/^export (?:interface|type) (\w+)/gm))
    if (!Object.hasOwn(properties, type))
      throw new Error(`Two types have the same name, so one became ${type}.`);
  return withMemberNames(types);
}

function renderMaps(contracts: readonly Contract[]): string {
  const newest = contracts.map(
    (contract) => `  ${JSON.stringify(contract.type)}: ${dataTypeName(contract, contract.majors[0].major)};`,
  );
  const versions = contracts.map((contract) => {
    const majors = contract.majors.map(({ major }) => `"${major}": ${dataTypeName(contract, major)}`);
    return `  ${JSON.stringify(contract.type)}: { ${majors.join("; ")} };`;
  });
  return `
/** Event type to its \`data\`, by the newest major. */
export interface EventMap {
${newest.join("\n")}
}

/** Event type to its majors, each to its \`data\`. */
export interface EventVersions {
${versions.join("\n")}
}
`;
}

const eventTypes = `
export type EventType = keyof EventMap;

/** An event as it is on the wire; switch over \`type\`, and where a type has several majors, ask \`isVersion\`. */
export type Event<T extends EventType = EventType> = {
  [K in T]: { [M in Major<K>]: EventOf<K, M> }[Major<K>];
}[T];

/** The majors of an event type, as strings. */
export type Major<T extends EventType> = keyof EventVersions[T] & string;

interface EventOf<T extends EventType, M extends Major<T>> {
  /** The same on every attempt; equals the \`webhook-id\` header. */
  readonly id: string;
  readonly type: T;
  /** Semantic version of the contract \`data\` follows. */
  readonly version: \`\${M}.\${string}\`;
  /** When it happened, RFC 3339. */
  readonly timestamp: string;
  readonly source: string;
  /** The resource the event is about, and the key of its order. */
  readonly subject?: string;
  /** Counts per source and subject, so that a gap shows. */
  readonly sequence?: number;
  readonly data: EventVersions[T][M];
}
`;
