import type { EgressFailure } from "./client.ts";
import { EgressError } from "./egress-error.ts";

interface Failure {
  readonly reason: EgressFailure;
  readonly message: string;
}

export const MESSAGES: Readonly<Record<EgressFailure, string>> = {
  invalid_url: "The URL or a header cannot be sent",
  blocked_address: "The address is not allowed",
  dns_error: "The host name could not be resolved",
  connect_error: "The connection could not be made",
  tls_error: "The TLS handshake failed",
  timeout: "The connection was not made in time",
  reset: "The connection ended before the response was complete",
  response_invalid: "The response was not valid HTTP",
  unwanted: "The request was not wanted any more",
};

/** Which codes of Node.js, OpenSSL and undici mean which failure. */
const REASONS: Readonly<Record<string, EgressFailure>> = {
  ENOTFOUND: "dns_error",
  EAI_AGAIN: "dns_error",
  ECONNREFUSED: "connect_error",
  EHOSTUNREACH: "connect_error",
  ENETUNREACH: "connect_error",
  EADDRNOTAVAIL: "connect_error",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_SOCKET: "reset",
  UND_ERR_CLOSED: "reset",
  UND_ERR_DESTROYED: "reset",
  UND_ERR_HEADERS_OVERFLOW: "response_invalid",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "response_invalid",
  // undici's parser asserts what a strange response makes untrue.
  ERR_ASSERTION: "response_invalid",
  UND_ERR_INVALID_ARG: "invalid_url",
  EPROTO: "tls_error",
};

/** The failure an error of the socket or of undici stands for. Its message is ours, so that no address leaks. */
export function failureOf(error: Error): Failure {
  if (error instanceof EgressError) return { reason: error.code, message: error.message };
  const reason = reasonOf(error);
  return { reason, message: MESSAGES[reason] };
}

function reasonOf(error: Error): EgressFailure {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const known = REASONS[code];
  if (known !== undefined) return known;
  if (code.startsWith("ERR_TLS") || code.startsWith("ERR_SSL") || /CERT|SELF_SIGNED|UNABLE_TO/.test(code))
    return "tls_error";
  // undici loses the code of its parser errors; only the name tells them.
  if (error.name === "HTTPParserError") return "response_invalid";
  return error.cause instanceof Error ? reasonOf(error.cause) : "connect_error";
}
