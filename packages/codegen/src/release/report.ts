import { shownPayload } from "../diff/shown-payload.ts";
import { formatProblem, type Problem } from "../problem.ts";
import type { Sources } from "../sources.ts";
import type { Assessment, CheckProblem } from "./assess.ts";
import { unreadableCode } from "./baseline.ts";
import { changesetFolder } from "./changesets.ts";
import type { CheckReport } from "./check.ts";
import { lineOf } from "./json-text.ts";

export interface ReportContext {
  readonly sources: Sources;
  /** Path of the folder of schemas from where the reader of the report stands, such as `schemas`. */
  readonly schemas: string;
}

export type ReportFormat = "text" | "json" | "github" | "junit";

type FormatReport = (report: CheckReport, context: ReportContext) => string;

/** How a report can be written; each row is complete, with a line end. */
export const reportFormats: Readonly<Record<ReportFormat, FormatReport>> = {
  /** For people. */
  text: formatText,
  /** The report itself, for programs; `schemaVersion` changes when it does. */
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  /** Annotations of GitHub Actions: workflow commands. */
  github: formatGithub,
  /** For whatever reads test results. */
  junit: formatJunit,
};

function formatText({ contracts, problems, notices, package: { name, bump } }: CheckReport): string {
  const lines = [
    ...contracts.filter((contract) => contract.bump !== "none").map(formatAssessment),
    ...problems.flatMap((problem) => [formatProblem(problem), ...formatCounterexample(problem)]),
    ...notices.map(formatProblem),
    ...(bump === "none" || name === "" ? [] : [`The next release of ${name} is ${bump}.`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function formatAssessment({ type, released, required, bump, changes }: Assessment): string {
  if (released === null) return `${type} ${required}: new`;
  const told = changes.map(({ message, pointer }) => `\n  ${pointer === "" ? "" : `${pointer}: `}${message}`);
  return `${type} ${released} → ${required}: ${bump}${told.join("")}`;
}

function formatCounterexample({ counterexample, against }: CheckProblem): readonly string[] {
  if (counterexample === undefined) return [];
  return [`  ${against} and this one disagree on ${shownPayload(counterexample)}`];
}

function formatGithub({ problems, notices }: CheckReport, context: ReportContext): string {
  const command = (kind: string) => (problem: Problem) => {
    const { path, line } = locate(problem, context);
    const place = `file=${property(path)},line=${line},title=${property(problem.code)}`;
    return `::${kind} ${place}::${data(formatProblem(problem))}\n`;
  };
  return [...problems.map(command("error")), ...notices.map(command("notice"))].join("");
}

function locate({ code, file, pointer }: Problem, { sources, schemas }: ReportContext) {
  const text = sources.get(file);
  if (text !== undefined) return { path: `${schemas}/${file}`, line: safeLine(text, pointer) };
  if (code === unreadableCode) return { path: schemas, line: 1 };
  return { path: file.startsWith(changesetFolder) ? file : `${schemas}/${file}`, line: 1 };
}

/** The problem may be that the file is not JSON. */
function safeLine(text: string, pointer: string): number {
  try {
    return lineOf(text, pointer);
  } catch {
    return 1;
  }
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function formatJunit({ contracts, problems }: CheckReport, context: ReportContext): string {
  const rest = problems.filter((problem) => !contracts.some(({ type }) => isAbout(problem, type)));
  const cases = [
    ...contracts.map(({ type }) => ({
      name: type,
      found: problems.filter((problem) => isAbout(problem, type)),
    })),
    ...(rest.length > 0 ? [{ name: "contracts", found: rest }] : []),
  ];
  const failures = cases.filter(({ found }) => found.length > 0).length;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites><testsuite name="contracts" tests="${cases.length}" failures="${failures}">`,
    ...cases.map(({ name, found }) => testCase(name, found, context)),
    `</testsuite></testsuites>`,
    "",
  ].join("\n");
}

function isAbout(problem: CheckProblem, type: string): boolean {
  return problem.type === type || problem.file.startsWith(`${type}/`);
}

function testCase(name: string, found: readonly CheckProblem[], context: ReportContext): string {
  const [first] = found;
  const opened = `<testcase classname="contracts" name="${xml(name)}"`;
  if (first === undefined) return `${opened}/>`;
  const { path, line } = locate(first, context);
  const text = found.map(formatProblem).join("\n");
  const failure = `<failure type="${xml(first.code)}" message="${xml(first.message)}">${xml(text)}</failure>`;
  return `${opened} file="${xml(path)}" line="${line}">${failure}</testcase>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Characters that XML 1.0 cannot hold at all are replaced, also half of a surrogate pair. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
