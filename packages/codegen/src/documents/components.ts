import { objectAt, type JsonObject } from "../json.ts";
import { meanings } from "../normalise/meanings.ts";
import { pascalCase } from "../render/files.ts";
import { readerSchema } from "./reader-schema.ts";
import { majorsOf, type Catalog, type CatalogEvent, type CatalogVersion } from "./catalog.ts";

/** One major of one event type in a document, with the names of its schemas there. */
export interface NamedMajor {
  readonly event: CatalogEvent;
  readonly version: CatalogVersion;
  /** Unique in the document: `invoice.paid` for the newest major, `invoice.paid.v1` for an older one. */
  readonly key: string;
  /** Name of the schema of `data`, such as `InvoicePaid`. */
  readonly dataName: string;
  /** Name of the schema of the whole event. */
  readonly envelopeName: string;
}

export interface Components {
  readonly majors: readonly NamedMajor[];
  /** Schema of every `data` and definition by name, as a subscriber should read it. */
  readonly schemas: JsonObject;
}

/**
 * Names every schema of a catalogue. A definition that several contracts share stands once; one that only has the
 * same name is called after its contract. References lead to `#/components/schemas/NAME`.
 */
export function nameComponents(catalog: Catalog): Components {
  const allocate = createAllocator();
  const keys = createAllocator(catalog.events.map(({ type }) => type));
  const majors = catalog.events.flatMap((event) =>
    majorsOf(event).map((version, age): NamedMajor => {
      const plain = pascalCase(event.type) + (age === 0 ? "" : `V${version.major}`);
      const dataName = allocate(plain);
      const key = age === 0 ? event.type : keys(`${event.type}.v${version.major}`);
      return { event, version, key, dataName, envelopeName: allocate(`${plain}Event`) };
    }),
  );
  const shared = new Map<string, string>();
  const schemas = new Map<string, JsonObject>();
  // The newest majors choose their names first.
  for (const { dataName, version } of majors.toSorted((a, b) => age(a) - age(b))) {
    const { $defs: _definitions, "x-event": _event, ...root } = version.schema;
    const definitions = objectAt(version.schema, "$defs");
    const names = new Map<string, string>();
    for (const [definition, meaning] of meanings(definitions)) {
      const name = shared.get(meaning) ?? allocate(pascalCase(definition), dataName);
      shared.set(meaning, name);
      names.set(definition, name);
    }
    schemas.set(dataName, readerSchema(root, names));
    for (const [definition, name] of names)
      if (!schemas.has(name)) schemas.set(name, readerSchema(objectAt(definitions, definition), names));
  }
  const sorted = [...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { majors, schemas: Object.fromEntries(sorted) };
}

function age({ event, version }: NamedMajor): number {
  return majorsOf(event).indexOf(version);
}

type Allocate = (plain: string, prefix?: string) => string;

/** Gives each name once: as it is, else with the prefix, else with a number. */
function createAllocator(taken: readonly string[] = []): Allocate {
  const names = new Set(taken);
  const claim = (name: string): boolean => name !== "" && !names.has(name) && names.add(name) !== undefined;
  return (plain, prefix = "") => {
    const candidates = [plain, prefix + plain];
    const free = candidates.find(claim);
    if (free !== undefined) return free;
    for (let number = 2; ; number++) {
      const numbered = `${prefix}${plain === "" ? "Schema" : plain}${number}`;
      if (claim(numbered)) return numbered;
    }
  };
}
