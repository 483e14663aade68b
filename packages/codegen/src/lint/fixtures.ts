import type { Contract, InvalidExample, LintLevel, Major } from "../project.ts";
import { compileContracts } from "../render/standalone.ts";
import { compile } from "../compile.ts";
import { sensitivePointers } from "../normalise/sensitive.ts";
import type { Problem } from "../problem.ts";
import { toIssues, type ContractIssue } from "../runtime/issue.ts";
import type { Check } from "../runtime/row.ts";

/** Examples must pass; each invalid example must fail with the one issue it names. */
export function lintFixtures(major: Major, level: LintLevel): readonly Problem[] {
  if (!hasFixtures(major)) return level === "strict" ? lintCount(major) : [];
  const checked = compileQuietly(major);
  if (!checked.ok) return [checked.problem];
  const issuesOf = (data: unknown) =>
    checked.check(data) ? [] : toIssues(checked.check.errors ?? [], data, sensitivePointers(major.schema));
  return [
    ...(level === "strict" ? lintCount(major) : []),
    ...major.examples.flatMap(({ file, data }) =>
      issuesOf(data).map((issue) => ({
        code: "invalid_example",
        file,
        pointer: inData(issue),
        message: issue.message,
      })),
    ),
    ...major.invalid.flatMap((example) => lintInvalid(example, issuesOf(example.data))),
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
      .flatMap((checked) => (checked.ok ? [] : [checked.problem]));
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
    others.length === 0 && issue?.keyword === expect.keyword && inData(issue) === expect.pointer;
  if (isExact) return [];
  const found =
    issues.map((one) => `${one.keyword} at ${JSON.stringify(inData(one))}`).join(", ") || "no fault";
  const message = `Expected ${expect.keyword} at ${JSON.stringify(expect.pointer)}, found ${found}.`;
  return [{ code: "unexpected_verdict", file, pointer: "/expect", message }];
}

function inData(issue: ContractIssue): string {
  return issue.pointer.slice("/data".length);
}

type Checked =
  | { readonly ok: true; readonly check: Check }
  | { readonly ok: false; readonly problem: Problem };

function compileQuietly({ file, schema }: Major): Checked {
  try {
    return { ok: true, check: compile(schema, "closed").check as Check };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The contract cannot be compiled: ${reason}.`;
    return { ok: false, problem: { code: "not_compilable", file, pointer: "", message } };
  }
}
