import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Ends a run with what passed only when it was tried again and why, the reasons of what was skipped, and one line that
 * counts: `N passed, N failed, N skipped`.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => cases.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    for (const test of cases)
      if (test.result().state === "skipped") console.log(`SKIPPED ${test.fullName}: ${reasonOf(test)}`);
    for (const test of cases)
      if (test.diagnostic()?.flaky) console.log(`SECOND TRY ${test.fullName}: ${firstErrorOf(test)}`);
    console.log(
      `\n${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`,
    );
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === "skipped" && result.note) || "no reason given";
}

function firstErrorOf(test: TestCase): string {
  return test.result().errors?.[0]?.message ?? "no error given";
}
