import type { Contract } from "../project.ts";
import type { ContractInfo } from "../runtime/contracts.ts";

/** What the catalogue says about a contract. */
export function contractInfo({ type, event, lifecycle, majors: [newest], versions }: Contract): ContractInfo {
  return {
    type,
    latest: newest.version,
    versions: versions.map(({ version }) => version),
    group: event.group,
    summary: event.summary,
    trigger: event.trigger,
    lifecycle,
    payload: event.payload,
    schema: newest.schema,
    olderSchemas: Object.fromEntries(
      versions.flatMap(({ version, schema }) => (version === newest.version ? [] : [[version, schema]])),
    ),
    examples: newest.examples.map(({ data }) => data),
  };
}
