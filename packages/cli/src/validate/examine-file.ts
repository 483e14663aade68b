import { readJson, type ContractIssue, type JsonObject, type ValidateData } from "@hooks/codegen";
import { exitCode, type ExitCode, type Io } from "../command.ts";
import { Failure } from "../failure.ts";
import { nameOf, readText } from "../files.ts";
import { guessHint } from "../guess.ts";
import { knownMembers } from "./known-members.ts";

/** What came of one file. */
export interface Examined {
  readonly file: string;
  readonly issues: readonly ContractIssue[];
  /** What the file alone would end the command with. */
  readonly exit: ExitCode;
  /** What else a person should know. */
  readonly hint?: string;
}

export interface ExamineOptions {
  /** Bundled. */
  readonly schema: JsonObject;
  readonly validate: ValidateData;
}

/** Validates one file, or standard input for `-`. A file that cannot be read is a fault like any other. */
export async function examineFile(file: string, options: ExamineOptions, io: Io): Promise<Examined> {
  const name = nameOf(file);
  try {
    const read = readJson(name, await readText(file, io));
    if (!read.ok) return { file: name, issues: [unreadable(read.problem)], exit: exitCode.found };
    return { file: name, ...examine(read.value, options) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { file: name, issues: [unreadable({ ...error, message: error.message })], exit: error.exit };
  }
}

function examine(data: unknown, { schema, validate }: ExamineOptions): Omit<Examined, "file"> {
  const found = validate(data);
  if (found.length === 0) return { issues: [], exit: exitCode.fine };
  const issues = found.map((issue) => withGuess(issue, schema));
  const isWrapped = isEvent(data) && !knownMembers(schema, "").includes("data");
  const hint = "This looks like a whole event, and a contract describes only what is in its data.";
  return { issues, exit: exitCode.found, ...(isWrapped ? { hint } : {}) };
}

function withGuess(issue: ContractIssue, schema: JsonObject): ContractIssue {
  if (issue.code !== "unknown_member") return issue;
  const end = issue.pointer.lastIndexOf("/");
  const name = issue.pointer
    .slice(end + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
  const meant = guessHint(name, knownMembers(schema, issue.pointer.slice(0, end)));
  return { ...issue, message: issue.message + meant };
}

function isEvent(data: unknown): boolean {
  return (
    typeof data === "object" && data !== null && ["type", "data"].every((name) => Object.hasOwn(data, name))
  );
}

interface Unreadable {
  readonly code: string;
  readonly pointer?: string;
  readonly message: string;
}

/** What a file had to be that holds no data; by code. */
const expectations: Readonly<Record<string, readonly [expected: string, received: string]>> = {
  duplicate_member: ["each member once", "one twice"],
  number_not_exact: ["a number that is read as it is written", "one that would become another"],
  too_deep: ["JSON that nests less deep", "deeper JSON"],
};

/** No keyword has failed: there is no data to hold against the schema. */
function unreadable({ code, pointer = "", message }: Unreadable): ContractIssue {
  const [expected, received] = expectations[code] ?? ["a file of JSON", "one that cannot be read"];
  return { code, pointer, keyword: "", expected, received, message };
}
