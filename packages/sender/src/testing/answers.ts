import type { EgressResult } from "@hooks/egress";
import { SenderError } from "../errors.ts";
import type { SentRequest } from "../testing.ts";

/** What comes instead of an answer. */
const FAILURES = ["timeout", "connect_error", "dns_error", "tls_error", "reset"] as const;
export type TestFailure = (typeof FAILURES)[number];

export interface TestResponse {
  /** 200 to 599. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the endpoint takes. Default 0; as long as the sender waits, or longer, is a timeout. */
  readonly afterMs?: number;
}

/** A status, a whole response, or what went wrong. */
export type TestAnswer = number | TestResponse | TestFailure;

/** One answer to everything; one after the other, of which the last stays; or one made for each request. */
export type TestAnswers = TestAnswer | readonly TestAnswer[] | ((request: SentRequest) => TestAnswer);

/** Gives the next answer. */
export type Script = (request: SentRequest) => TestAnswer;

export function createScript(answers: TestAnswers): Script {
  if (typeof answers === "function") return (request) => checked(answers(request));
  const all: readonly TestAnswer[] = isList(answers) ? answers.map(checked) : [checked(answers)];
  let index = 0;
  return () => {
    const answer = all[Math.min(index, all.length - 1)];
    index += 1;
    return answer ?? 200;
  };
}

/** What the sender sees of an answer, and after how long. */
export function outcomeOf(answer: TestAnswer, timeoutMs: number): EgressResult {
  if (typeof answer === "number") return responseOf({ status: answer });
  if (typeof answer === "object" && (answer.afterMs ?? 0) < timeoutMs) return responseOf(answer);
  const reason = typeof answer === "object" ? "timeout" : answer;
  const durationMs = reason === "timeout" ? timeoutMs : 0;
  return { kind: "failed", reason, message: `The test's endpoint ends in ${reason}`, durationMs };
}

function responseOf({ status, headers = {}, body = "", afterMs = 0 }: TestResponse): EgressResult {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    kind: "response",
    status,
    headers: Object.fromEntries(lower) as Readonly<Record<string, string>>,
    body: Buffer.from(body),
    truncated: false,
    durationMs: afterMs,
  };
}

function isList(answers: TestAnswer | readonly TestAnswer[]): answers is readonly TestAnswer[] {
  return Array.isArray(answers);
}

function checked(answer: TestAnswer | undefined | null): TestAnswer {
  if (typeof answer === "string") {
    if (FAILURES.includes(answer)) return answer;
    return refuse(`Expected a status or one of ${FAILURES.join(", ")}, got ${JSON.stringify(answer)}`);
  }
  // As plain JavaScript may have it.
  if (answer === undefined || answer === null) return refuse(`Expected an answer, got ${String(answer)}`);
  const { status, afterMs = 0 } = typeof answer === "number" ? { status: answer } : answer;
  if (!Number.isInteger(status) || status < 200 || status > 599)
    return refuse(`Expected a status from 200 to 599, got ${status}`);
  if (!(afterMs >= 0)) return refuse(`Expected afterMs of 0 or more, got ${afterMs}`);
  return answer;
}

function refuse(message: string): never {
  throw new SenderError("validation_failed", message);
}
