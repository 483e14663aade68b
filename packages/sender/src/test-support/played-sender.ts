import type { Contracts } from "../contracts.ts";
import type { AttemptResult } from "../core/outcome.ts";
import type { SenderReport } from "../report.ts";
import { createSender, type WorkerSettings } from "../sender.ts";
import type { Store } from "../store.ts";
import type { SendRequest, Transport } from "../transport.ts";

export const DELIVERED: AttemptResult = { outcome: "delivered", status: 200, durationMs: 1 };
export const FAILED: AttemptResult = { outcome: "http_status", status: 500, durationMs: 1 };

/** Contracts of no type, by which everything is valid. */
const ANYTHING = {
  source: "test",
  eventTypes: {},
  validateEvent: () => ({ ok: true, version: "1.0.0" }),
  migrate: () => ({ ok: false }),
} satisfies Contracts;

export type Answer = (request: SendRequest) => AttemptResult | Promise<AttemptResult>;

export interface PlayedSenderOptions extends WorkerSettings {
  readonly store: Store;
  readonly answer: Answer;
  readonly contracts?: Contracts;
  readonly now?: () => number;
}

/** Longer than any test: no lease ends by itself, however long the machine stands still. */
const NEVER_MS = 600_000;

/** A sender whose endpoints are played by a function, in a hurry. */
export function playSender(options: PlayedSenderOptions) {
  const { store, answer, contracts = ANYTHING, now = Date.now, ...worker } = options;
  const sent: SendRequest[] = [];
  const reports: SenderReport[] = [];
  const transport: Transport = {
    send: async (request) => {
      sent.push(request);
      return answer(request);
    },
    checkUrl: () => ({ ok: true }),
    close: async () => {},
  };
  const sender = createSender({
    store,
    contracts,
    transport,
    worker: { pollMs: 30, heartbeatMs: 50, leaseMs: NEVER_MS, ...worker },
    report: (report) => void reports.push(report),
    now,
  });
  const attempted = () => reports.filter((report) => report.kind === "attempted");
  return { sender, sent, reports, attempted };
}
