import { describeReceived, type Redaction } from "./received.ts";
import { expectations } from "./expectations.ts";
import type { ValidatorError } from "./row.ts";

/** One fault of one event. */
export interface ContractIssue {
  /** Stable and for programs, such as `missing_member`. */
  readonly code: string;
  /** JSON Pointer (RFC 6901) of the member at fault; for a missing or unknown member, that member. */
  readonly pointer: string;
  /** The JSON Schema keyword that failed. */
  readonly keyword: string;
  /** What would have been right. */
  readonly expected: string;
  /** What came; only its kind where the contract marks the value as sensitive. */
  readonly received: string;
  /** One sentence made of the above. */
  readonly message: string;
}

/** What the contract does not know may be anything, also a secret. */
const unknownMember = /^(?:additionalProperties|unevaluatedProperties|propertyNames)$/;

/** At most so many issues are reported for one event: a hostile array must not make a long answer. */
const maxIssues = 50;

/** Turns a validator's errors into issues: one for each member at fault, pointers below `/data`. */
export function toIssues(
  errors: readonly ValidatorError[],
  data: unknown,
  sensitive: readonly string[],
): readonly ContractIssue[] {
  const issues = new Map<string, ContractIssue>();
  for (const error of errors.filter((error) => isOfItsOwn(error, errors))) {
    const issue = toIssue(error, { data, sensitive });
    if (issue === undefined) continue;
    const known = issues.get(issue.pointer);
    // A value of the wrong type also fails `enum` and `const`; the type says it best.
    if (known === undefined ? issues.size < maxIssues : issue.keyword === "type")
      issues.set(issue.pointer, issue);
  }
  return [...issues.values()];
}

/**
 * Whether an error tells something new. What is wrong with a name is told as `propertyNames`; and where anything else is
 * wrong with an object, its members count as unknown only because the part that knows them did not hold.
 */
function isOfItsOwn(error: ValidatorError, all: readonly ValidatorError[]): boolean {
  if (error.propertyName !== undefined && error.keyword !== "propertyNames") return false;
  if (!error.keyword.startsWith("unevaluated")) return true;
  return !all.some(
    ({ keyword, instancePath }) =>
      expectations[keyword] !== undefined &&
      !keyword.startsWith("unevaluated") &&
      `${instancePath}/`.startsWith(`${error.instancePath}/`),
  );
}

/** Writes the sentence of an issue. */
export function createIssue(issue: Omit<ContractIssue, "message">): ContractIssue {
  const place = issue.pointer === "" ? "The event" : issue.pointer;
  return { ...issue, message: `${place}: expected ${issue.expected}, received ${issue.received}.` };
}

function toIssue(error: ValidatorError, redaction: Redaction): ContractIssue | undefined {
  const expectation = expectations[error.keyword];
  if (expectation === undefined) return undefined;
  const member = expectation.member === undefined ? undefined : error.params[expectation.member];
  const pointer = error.instancePath + (member === undefined ? "" : `/${escapeSegment(String(member))}`);
  return createIssue({
    code: expectation.code,
    pointer: `/data${pointer}`,
    keyword: error.keyword,
    expected: expectation.expected(error.params),
    received: describeReceived(pointer, redaction, unknownMember.test(error.keyword)),
  });
}

function escapeSegment(segment: string): string {
  return segment.replaceAll("~", "~0").replaceAll("/", "~1");
}
