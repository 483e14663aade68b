import { createEgress } from "@hooks/egress";
import type { Contracts } from "./contracts.ts";
import { createIds } from "./ids.ts";
import { checkTestOptions } from "./input/options.ts";
import type { SenderReport } from "./report.ts";
import { createSenderIn, type Sender, type SenderOptions } from "./sender.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { createActivity, watchStore } from "./testing/activity.ts";
import type { TestAnswers } from "./testing/answers.ts";
import { createDice } from "./testing/dice.ts";
import { parseDuration } from "./testing/duration.ts";
import { createGate } from "./testing/gate.ts";
import { createPlayedEgress } from "./testing/played-egress.ts";
import { createVirtualTime } from "./testing/virtual-time.ts";
import { createEgressTransport } from "./transport/http.ts";

export type { TestAnswer, TestAnswers, TestFailure, TestResponse } from "./testing/answers.ts";

export interface TestSenderOptions extends Pick<SenderOptions, "http" | "retention"> {
  /** Default: contracts by which every type and all data is valid, for endpoints that take every type. */
  readonly contracts?: Contracts;
  /** For endpoints without a schedule of their own. Default: the sender's, over three days. */
  readonly schedule?: readonly number[];
  /** When the test begins. Default 2026-01-01T00:00:00Z. */
  readonly now?: Date;
  /** Of jitter, ids and secrets: they are the same in each run. Default 1. */
  readonly seed?: number;
}

/** A request as an endpoint got it. */
export interface SentRequest {
  /** The id of the endpoint. */
  readonly endpoint: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that were signed. */
  readonly body: Uint8Array;
  /** The body, parsed. */
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly version: string;
    readonly timestamp: string;
    readonly source: string;
    readonly subject?: string;
    readonly sequence?: number;
    readonly data: unknown;
  };
  /** Unix milliseconds. */
  readonly sentAtMs: number;
}

/**
 * A sender whose endpoints are played and whose time passes when it is told to. All of it is the engine that runs in
 * production, on a store in memory: what it answers, sends, and does again is the same. It opens no socket, file or timer.
 */
export interface TestSender extends Sender {
  /**
   * Lets time pass: milliseconds, or a text such as `"5m"` (`ms s m h d`). Everything that comes due meanwhile is done at
   * its moment; with 0 what is due now. Nothing is sent otherwise.
   */
  advance(by: number | string): Promise<void>;
  /** The time of the test, in Unix milliseconds. */
  now(): number;
  /** What has been sent, in order; to one endpoint where it is named. */
  sent(endpoint?: string): readonly SentRequest[];
  /** From now on the endpoint answers so. Endpoints of which nothing is said answer 200 at once. */
  respond(endpoint: string, answers: TestAnswers): void;
  /** What the sender has reported, in order. */
  reports(): readonly SenderReport[];
}

/** What a worker does besides costs nothing in virtual time, but for each time that it is done. */
const SPARSE = { heartbeatMs: 24 * 3_600_000, leaseMs: 72 * 3_600_000, pollMs: 12 * 3_600_000 };
const START = new Date("2026-01-01T00:00:00Z");

/** Makes a sender for a test. Throws a `SenderError` (`validation_failed`) when an option cannot be so. */
export function createTestSender(options: TestSenderOptions = {}): TestSender {
  const {
    contracts = ANYTHING,
    schedule,
    now: start = START,
    seed = 1,
    http = {},
    retention = {},
  } = checkTestOptions(options);
  const dice = createDice(seed);
  const activity = createActivity();
  const time = createVirtualTime({ startMs: start.getTime(), idle: activity.idle });
  const gate = createGate();
  const reports: SenderReport[] = [];
  const { timeoutMs, userAgent, ...egressOptions } = http;
  const played = createPlayedEgress({
    time,
    activity,
    real: createEgress(egressOptions),
    opened: gate.opened,
  });
  const newId = createIds({ now: time.now, randomBytes: dice.bytes });
  const { egress } = played;
  const transport = createEgressTransport({
    egress,
    timeoutMs,
    userAgent,
    newSpan: () => hex(dice.bytes(8)),
  });
  const sender = createSenderIn(
    {
      store: watchStore(createSqliteStore({ path: ":memory:", newId }), activity, time),
      contracts,
      transport: played.watch(transport),
      worker: { ...SPARSE, ...(schedule === undefined ? {} : { schedule }) },
      retention,
      report: (report) => void reports.push(report),
      now: time.now,
    },
    {
      identity: { id: "test", host: "test", pid: 0 },
      elapsed: undefined,
      random: dice.random,
      randomBytes: dice.bytes,
      newSecret: () => `whsec_${Buffer.from(dice.bytes(32)).toString("base64")}`,
      timers: time,
      gatherMs: 0,
    },
  );
  return {
    ...sender,
    // Whatever is asked of it, time passes only in the test.
    stopDelivering: (options) => sender.stopDelivering({ timeoutMs: 0, ...options }),
    stop: () => sender.stop({ timeoutMs: 0 }),
    async advance(by) {
      const byMs = parseDuration(by);
      await sender.start();
      for (const endpoint of played.named) await sender.endpoints.get(endpoint);
      await gate.during(() => time.advance(byMs));
    },
    now: time.now,
    sent: (endpoint) =>
      played.sent.filter((request) => endpoint === undefined || request.endpoint === endpoint),
    respond: played.respond,
    reports: () => [...reports],
  };
}

/** Contracts of no type, by which everything is valid. */
const ANYTHING: Contracts = {
  source: "test",
  eventTypes: {},
  validateEvent: () => ({ ok: true, version: "1.0.0" }),
  migrate: () => ({ ok: false }),
};

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
