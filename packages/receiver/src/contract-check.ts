import { isDeeperThan } from "./core/json-depth.ts";
import type { ConsumerContracts } from "./contracts.ts";

/** How a body does not fit the contracts. Nothing of its values is in it. */
export interface ContractFault {
  /** Such as `schema_violation`, `unknown_event_type`. */
  readonly code: string;
  /** Where it does not fit: up to five JSON Pointers, of which long ones are cut at 256 characters. */
  readonly pointers: readonly string[];
}

/** What a source asks of its events. */
export interface ContractCheckOptions {
  /** `warn` only reports; `enforce` refuses an event that does not fit its contract as `event_rejected`. */
  readonly mode: "warn" | "enforce";
  /** A contracts package, whole as it is imported. */
  readonly contracts: ConsumerContracts<{ readonly type: string }>;
}

/** The names of members may be the sender's own, and stand in logs. */
const longestPointer = 256;

/** Deeper than any event, and built at a cost of many times its bytes. */
const maxDepth = 64;

/**
 * Holds the events of one request against their contracts; `undefined` when all fit, else what is wrong with one of them.
 * Whatever the bodies are, it does not throw.
 */
export function checkContracts(
  options: ContractCheckOptions,
  events: readonly { readonly body: Uint8Array }[],
): ContractFault | undefined {
  let unknown: ContractFault | undefined;
  for (const { body } of events) {
    const fault = checkContract(options, body);
    if (fault !== undefined && isViolation(fault)) return fault;
    unknown ??= fault;
  }
  return unknown;
}

function checkContract({ contracts }: ContractCheckOptions, body: Uint8Array): ContractFault | undefined {
  if (isDeeperThan(body, maxDepth)) return { code: "json_too_deep", pointers: [] };
  let input: unknown;
  try {
    input = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return { code: "invalid_json", pointers: [] };
  }
  const parsed = contracts.parseEvent(input);
  if (parsed.ok) return undefined;
  const pointers = parsed.issues.slice(0, 5).map(({ pointer }) => pointer.slice(0, longestPointer));
  return { code: parsed.code, pointers };
}

/** Whether a fault is the event's. A type or version that is not known here may be newer than these contracts. */
export function isViolation({ code }: ContractFault): boolean {
  return code !== "unknown_event_type" && code !== "unknown_version";
}
