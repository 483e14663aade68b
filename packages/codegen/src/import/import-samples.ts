import type { Json } from "../json.ts";
import { contractFiles, type FoundContract } from "./contract-files.ts";
import { dataOfEvent, tagOfEvent } from "./envelope.ts";
import { eventTypeFrom } from "./event-type.ts";
import type { Imported, ImportOptions } from "./imported.ts";
import { inferSchema, type InferOptions } from "./infer-schema.ts";

/** A payload that was really sent, or a list of them. */
export interface Sample {
  /** Path; its name says the event type when the payload does not. */
  readonly file: string;
  readonly value: Json;
}

export interface ImportSamplesOptions extends ImportOptions, InferOptions {}

/**
 * Makes a folder of contracts of example payloads: one for each event type, which a payload's `type` says, or else
 * its file's name (`invoice.paid-2.json`) or folder. The samples become the contract's examples. Pure.
 */
export function importSamples(samples: readonly Sample[], options: ImportSamplesOptions): Imported {
  const byType = new Map<string, { readonly name: string; readonly data: Json }[]>();
  for (const { file, value } of samples) {
    const events: readonly Json[] = Array.isArray(value) ? value : [value];
    events.forEach((event, index) => {
      const type = eventTypeFrom(tagOfEvent(event) ?? typeInName(file));
      const name = exampleName(file) + (events.length === 1 ? "" : `-${index + 1}`);
      byType.set(type, [...(byType.get(type) ?? []), { name, data: dataOfEvent(event) }]);
    });
  }
  const contracts = [...byType]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, events]): FoundContract => {
      const schema = inferSchema(
        events.map(({ data }) => data),
        options,
      );
      return { type, schema, examples: withDistinctNames(events) };
    });
  return contractFiles({ contracts, definitions: {}, warnings: [] }, options);
}

/** `samples/invoice.paid-2.json` and `samples/invoice.paid/2.json` are samples of invoice.paid. */
function typeInName(file: string): string {
  const [name = "", folder] = file.replaceAll("\\", "/").split("/").toReversed();
  const plain = withoutEnding(name).replace(/[-_. ]*\d*$/, "");
  const saysNothing = plain === "" || /^(?:example|sample|payload|event|data)s?$/i.test(plain);
  return saysNothing && folder !== undefined ? folder : plain;
}

function exampleName(file: string): string {
  const name = withoutEnding(file.replaceAll("\\", "/").split("/").at(-1) ?? "");
  const safe = name.replaceAll(/[^\w.-]+/g, "-").replace(/^[.-]+/, "");
  return safe === "" ? "sample" : safe;
}

function withoutEnding(name: string): string {
  return name.replace(/(?:\.(?:payload|sample|example))?\.json$/i, "");
}

function withDistinctNames(
  events: readonly { readonly name: string; readonly data: Json }[],
): ReadonlyMap<string, Json> {
  const named = new Map<string, Json>();
  for (const { name, data } of events) {
    let free = name;
    for (let number = 2; named.has(free); number++) free = `${name}-${number}`;
    named.set(free, data);
  }
  return named;
}
