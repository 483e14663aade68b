import { compile } from "./compile.ts";
import type { JsonObject } from "./json.ts";
import { sensitivePointers } from "./normalise/sensitive.ts";
import type { Openness } from "./normalise/validator-schema.ts";
import { once } from "./once.ts";
import { createIssue, toIssues, type ContractIssue } from "./runtime/issue.ts";

/** Says what is wrong with a value; nothing, when it is valid. Pointers are relative to the value. */
export type ValidateData = (data: unknown) => readonly ContractIssue[];

/**
 * Compiles one bundled schema: `closed`, as a producer validates, reports every fault; `open`, as a consumer does,
 * only the first. Uses `new Function`. Throws what ajv throws when the schema cannot be compiled.
 */
export function createValidateData(schema: JsonObject, openness: Openness): ValidateData {
  const { check } = compile(schema, openness);
  const sensitive = once(() => sensitivePointers(schema));
  return (data) => {
    if (check(data)) return [];
    const issues = toIssues(check.errors ?? [], data, sensitive());
    return issues.map(({ message: _message, ...issue }) =>
      createIssue({ ...issue, pointer: issue.pointer.slice("/data".length) }),
    );
  };
}
