import type { Dispatcher } from "undici";
import type { EgressRequest, EgressResult } from "./client.ts";
import { EgressError } from "./egress-error.ts";
import { failureOf, MESSAGES } from "./failure.ts";
import { createResponseBody, type ResponseBody } from "./response-body.ts";
import type { Target } from "./url.ts";

export interface ExchangeOptions {
  readonly agent: Dispatcher;
  readonly target: Target;
  readonly request: EgressRequest;
  readonly maxResponseBytes: number;
}

/** 1xx responses before the real one; they cost time and no limit of size counts them. */
const MAX_INFORMATIONAL = 8;

/** One request and its response, read at most up to `maxResponseBytes` and ended at the deadline whatever happens. */
export function exchange(options: ExchangeOptions): Promise<EgressResult> {
  return new Promise((resolve) => {
    const { agent, target, request } = options;
    const handler = new Exchange(options, resolve);
    try {
      agent.dispatch(
        {
          origin: target.origin,
          path: target.path,
          method: request.method,
          headers: listOf(request.headers),
          body: request.body ?? null,
        },
        handler,
      );
    } catch (error) {
      handler.fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Names and values in turn. Bodies are never decoded, so none should be encoded. */
function listOf(headers: EgressRequest["headers"]): string[] {
  const list = headers["accept-encoding"] === undefined ? ["accept-encoding", "identity"] : [];
  for (const name of Object.keys(headers)) list.push(name, headers[name] ?? "");
  return list;
}

type WithoutDuration<T> = T extends unknown ? Omit<T, "durationMs"> : never;
type Outcome = WithoutDuration<EgressResult>;

const NOTHING = new Uint8Array();
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** What undici tells of one request. One object, for functions that share variables would each be made anew. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: EgressRequest;
  readonly #maxResponseBytes: number;
  readonly #resolve: (result: EgressResult) => void;
  readonly #startedAt = performance.now();
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  #informational = 0;
  #status = 0;
  #headers = NO_HEADERS;
  /** Most responses have none. */
  #body: ResponseBody | undefined;
  #isTruncated = false;

  constructor({ request, maxResponseBytes }: ExchangeOptions, resolve: (result: EgressResult) => void) {
    this.#request = request;
    this.#maxResponseBytes = maxResponseBytes;
    this.#resolve = resolve;
    this.#deadline = setTimeout(Exchange.#expire, request.timeoutMs, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // A request still waiting for a socket at its deadline is taken off the queue here.
    if (this.#isOver) controller.abort(new Error("deadline"));
    else if (this.#request.isWanted?.() === false)
      controller.abort(new EgressError("unwanted", MESSAGES.unwanted));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) {
      this.#informational += 1;
      if (this.#informational <= MAX_INFORMATIONAL) return;
      const message = "Too many informational responses";
      this.#finish({ kind: "failed", reason: "response_invalid", message });
      controller.abort(new Error("too many informational responses"));
      return;
    }
    this.#status = status;
    this.#headers = joinHeaders(headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body ??= createResponseBody(this.#maxResponseBytes);
    if (this.#body.append(chunk)) return;
    this.#isTruncated = true;
    this.#finish(this.#response());
    controller.abort(new Error("response too large"));
  }

  onResponseEnd(): void {
    this.#finish(this.#response());
  }

  onResponseError(_: unknown, error: Error): void {
    this.fail(error);
  }

  fail(error: Error): void {
    this.#finish({ kind: "failed", ...failureOf(error) });
  }

  static #expire(this: void, late: Exchange): void {
    const message = `No complete response within ${late.#request.timeoutMs} ms`;
    late.#finish({ kind: "failed", reason: "timeout", message });
    late.#controller?.abort(new Error("deadline"));
  }

  #response(): Outcome {
    const body = this.#body?.bytes ?? NOTHING;
    const truncated = this.#isTruncated;
    return { kind: "response", status: this.#status, headers: this.#headers, body, truncated };
  }

  #finish(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#resolve({ ...outcome, durationMs: performance.now() - this.#startedAt });
  }
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
