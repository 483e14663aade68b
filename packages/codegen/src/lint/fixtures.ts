import type { Problem } from "../problem.ts";
import type { Contract, InvalidExample, LintLevel, Major } from "../project.ts";
import { compileContracts } from "../render/standalone.ts";
import type { ContractIssue } from "../runtime/issue.ts";
import { createValidateData, type ValidateData } from "../validate-data.ts";

/** Examples must pass; each invalid example must fail with the one issue it names. */
export function lintFixtures(major: Major, level: LintLevel): readonly Problem[] {
  if (!hasFixtures(major)) return level === "strict" ? lintCount(major) : [];
  const compiled = compileQuietly(major);
  if (!compiled.ok) return [compiled.problem];
  return [
    ...(level === "strict" ? lintCount(major) : []),
    ...major.examples.flatMap(({ file, data }) =>
      // An issue's own message begins with the pointer, which a problem has beside it.
      compiled.validate(data).map(({ pointer, expected, received }) => ({
        code: "invalid_example",
        file,
        pointer,
        message: `Expected ${expected}, received ${received}.`,
      })),
    ),
    ...major.invalid.flatMap((example) => lintInvalid(example, compiled.validate(example.data))),
  ];
}

/**
 * Contracts that no fixture is tried on must compile too. Hundreds of them are compiled at once, which takes a tenth of
 * the time and is what a renderer wants as well; only when that fails, each by itself to find which it is.
 */
export function lintCompiling(contracts: readonly Contract[]): readonly Problem[] {
  const unproven = contracts.filter(({ majors }) => !majors.every(hasFixtures));
  if (unproven.length === 0) return [];
  try {
    compileContracts(contracts, "closed");
    return [];
  } catch {
    return unproven
      .flatMap(({ majors }) => majors)
      .map(compileQuietly)
      .flatMap((compiled) => (compiled.ok ? [] : [compiled.problem]));
  }
}

function hasFixtures({ examples, invalid }: Major): boolean {
  return examples.length + invalid.length > 0;
}

function lintCount({ file, examples }: Major): readonly Problem[] {
  if (examples.length > 0) return [];
  return [{ code: "missing_examples", file, pointer: "", message: "The contract has no examples." }];
}

function lintInvalid({ file, expect }: InvalidExample, issues: readonly ContractIssue[]): readonly Problem[] {
  const [issue, ...others] = issues;
  const isExact =
    others.length === 0 && issue?.keyword === expect.keyword && issue.pointer === expect.pointer;
  if (isExact) return [];
  const found =
    issues.map((one) => `${one.keyword} at ${JSON.stringify(one.pointer)}`).join(", ") || "no fault";
  const message = `Expected ${expect.keyword} at ${JSON.stringify(expect.pointer)}, found ${found}.`;
  return [{ code: "unexpected_verdict", file, pointer: "/expect", message }];
}

type Compiled =
  | { readonly ok: true; readonly validate: ValidateData }
  | { readonly ok: false; readonly problem: Problem };

function compileQuietly({ file, schema }: Major): Compiled {
  try {
    return { ok: true, validate: createValidateData(schema, "closed") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The contract cannot be compiled: ${reason}.`;
    return { ok: false, problem: { code: "not_compilable", file, pointer: "", message } };
  }
}
