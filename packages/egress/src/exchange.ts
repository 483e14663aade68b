import type { Dispatcher } from "undici";
import type { EgressRequest, EgressResult } from "./client.ts";
import { EgressError } from "./egress-error.ts";
import { failureOf, MESSAGES } from "./failure.ts";
import { createResponseBody, type ResponseBody } from "./response-body.ts";

export interface ExchangeOptions {
  readonly agent: Dispatcher;
  readonly url: URL;
  readonly request: EgressRequest;
  readonly maxResponseBytes: number;
}

/** 1xx responses before the real one; they cost time and no limit of size counts them. */
const MAX_INFORMATIONAL = 8;

interface Answer {
  status: number;
  headers: Record<string, string>;
  readonly body: ResponseBody;
  isTruncated: boolean;
}

/** One request and its response, read at most up to `maxResponseBytes` and ended at the deadline whatever happens. */
export function exchange({ agent, url, request, maxResponseBytes }: ExchangeOptions): Promise<EgressResult> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const body = createResponseBody(maxResponseBytes);
    const answer: Answer = { status: 0, headers: {}, body, isTruncated: false };
    let controller: Dispatcher.DispatchController | undefined;
    let isOver = false;
    let informational = 0;

    const finish = (result: Outcome) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(deadline);
      resolve({ ...result, durationMs: performance.now() - startedAt });
    };
    const fail = (error: Error) => finish({ kind: "failed", ...failureOf(error) });
    const deadline = setTimeout(() => {
      finish({
        kind: "failed",
        reason: "timeout",
        message: `No complete response within ${request.timeoutMs} ms`,
      });
      controller?.abort(new Error("deadline"));
    }, request.timeoutMs);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        // A request still waiting for a socket at its deadline is taken off the queue here.
        if (isOver) started.abort(new Error("deadline"));
        else if (request.isWanted?.() === false)
          started.abort(new EgressError("unwanted", MESSAGES.unwanted));
      },
      onResponseStart(source, status, headers) {
        if (status < 200) {
          informational += 1;
          if (informational <= MAX_INFORMATIONAL) return;
          finish({ kind: "failed", reason: "response_invalid", message: "Too many informational responses" });
          source.abort(new Error("too many informational responses"));
          return;
        }
        answer.status = status;
        answer.headers = joinHeaders(headers);
      },
      onResponseData(source, chunk) {
        if (body.append(chunk)) return;
        answer.isTruncated = true;
        finish(responseOf(answer));
        source.abort(new Error("response too large"));
      },
      onResponseEnd: () => finish(responseOf(answer)),
      onResponseError: (_, error) => fail(error),
    };
    try {
      agent.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          // Bodies are never decoded, so none should be encoded.
          headers: { "accept-encoding": "identity", ...request.headers },
          body: request.body ?? null,
        },
        handler,
      );
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

type WithoutDuration<T> = T extends unknown ? Omit<T, "durationMs"> : never;
type Outcome = WithoutDuration<EgressResult>;

function responseOf({ status, headers, body, isTruncated }: Answer): Outcome {
  return { kind: "response", status, headers, body: body.bytes, truncated: isTruncated };
}

function joinHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const joined: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = typeof value === "string" ? value : value.join(", ");
  }
  return joined;
}
