import { envelopeIssues, isEnvelope, type Envelope } from "./envelope.ts";
import type { ContractIssue } from "./issue.ts";
import type { Table } from "./row.ts";
import { unknownType, unknownVersion, violations } from "./validate.ts";

/** What became of an input that should be an event. */
export type ParsedEvent<Event> =
  | { readonly ok: true; readonly event: Event }
  | {
      readonly ok: false;
      readonly code: "invalid_envelope" | "unknown_event_type" | "unknown_version" | "schema_violation";
      readonly issues: readonly ContractIssue[];
    };

/** A parser by open contracts: a newer minor of a known major is read as its major. */
export function createParseEvent<Event extends Envelope>(
  table: Table,
): (input: unknown) => ParsedEvent<Event> {
  return (input) => {
    if (!isEnvelope(input)) return { ok: false, code: "invalid_envelope", issues: envelopeIssues(input) };
    const rows = table.get(input.type);
    if (rows === undefined)
      return { ok: false, code: "unknown_event_type", issues: [unknownType(input.type)] };
    const row = rows.find(({ prefix }) => input.version.startsWith(prefix));
    if (row === undefined)
      return { ok: false, code: "unknown_version", issues: [unknownVersion(input.version, rows)] };
    // The check is generated from the same schema as the type.
    if (row.check(input.data)) return { ok: true, event: input as Event };
    return { ok: false, code: "schema_violation", issues: violations(row, input.data) };
  };
}
