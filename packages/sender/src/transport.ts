import type { AttemptResult } from "./core/outcome.ts";
import type { Endpoint } from "./core/model.ts";
import type { TakenDelivery } from "./store.ts";

/** Sends. One request a call, signed afresh; the body is the same on every attempt. */
export interface Transport {
  /** Never throws: whatever goes wrong is an outcome. Ends within the transport's own deadline. */
  send(request: SendRequest): Promise<AttemptResult>;
  /** Whether a URL may be an endpoint's. */
  checkUrl(url: string): UrlVerdict;
  /** What is under way by then has been given up, and is not waited for. */
  close(): Promise<void>;
}

export interface SendRequest {
  readonly endpoint: Endpoint;
  readonly event: TakenDelivery["event"];
  /** Sent besides, names in lower case; over those of the endpoint. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** When it is sent: the `webhook-timestamp`. */
  readonly nowMs: number;
  /** Asked when it is about to go out, which may be later; otherwise it is `interrupted`. Default: it is. */
  readonly isWanted?: () => boolean;
}

export type UrlVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code:
        | "invalid_url"
        | "invalid_url_scheme"
        | "https_required"
        | "url_credentials_not_allowed"
        | "blocked_port"
        | "blocked_host"
        | "blocked_address";
      readonly message: string;
    };
