import type { ContractValidation, EventToValidate } from "./contracts.ts";
import { createIssue, toIssues, type ContractIssue } from "./issue.ts";
import { describeValue } from "./received.ts";
import type { Row, Table } from "./row.ts";

/** A validation by closed contracts, dispatched by type and version. */
export function createValidateEvent(table: Table): (event: EventToValidate) => ContractValidation {
  return ({ type, version, data }) => {
    const rows = table.get(type);
    if (rows === undefined) return { ok: false, code: "unknown_event_type", issues: [unknownType(type)] };
    const row = version === undefined ? rows[0] : rows.find(({ versions }) => versions.includes(version));
    if (row === undefined)
      return { ok: false, code: "unknown_version", issues: [unknownVersion(version, rows)] };
    if (row.check(data)) return { ok: true, version: row.version };
    return { ok: false, code: "schema_violation", issues: violations(row, data) };
  };
}

/** The issues of the check that has just failed on `data`. */
export function violations(row: Row, data: unknown): readonly ContractIssue[] {
  return toIssues(row.check.errors ?? [], data, row.sensitive);
}

export function unknownType(type: unknown): ContractIssue {
  return createIssue({
    code: "unknown_event_type",
    pointer: "/type",
    keyword: "enum",
    expected: "an event type with a contract",
    received: describeValue(type),
  });
}

export function unknownVersion(version: unknown, rows: readonly Row[]): ContractIssue {
  return createIssue({
    code: "unknown_version",
    pointer: "/version",
    keyword: "enum",
    expected: `one of ${rows.flatMap(({ versions }) => versions).join(", ")}`,
    received: describeValue(version),
  });
}
