import type { ReceiveReport, RelayReport } from "@hooks/receiver";
import { describeCauses } from "./describe-causes.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { createSampling } from "./sampling.ts";

/** Where log lines and metrics come from, both from the same events. */
export interface Reports {
  request(report: ReceiveReport): void;
  relay(report: RelayReport): void;
}

export function createReports(log: Log, metrics: Metrics, clock: () => number = Date.now): Reports {
  // Apart, so that a flood of refusals leaves room for what is our fault.
  const [theirs, ours] = [createSampling(clock), createSampling(clock)];
  /** How many lines were left out before; `undefined` when this one is left out. */
  const admit = ({ status, outcome }: ReceiveReport): number | undefined => {
    if (status < 400 || outcome === "bad_request") return 0;
    return (status < 500 ? theirs : ours).admit();
  };
  const write = (report: ReceiveReport, leftOut: number) => {
    // Most requests were taken: their reports are logged as they are.
    const fields = report.status < 400 ? report : describeRefused(report, leftOut);
    if (report.status >= 500) log.error(fields, "request");
    // Uploads that break off are everyday noise of the internet.
    else if (report.outcome === "bad_request") log.debug(fields, "request");
    else if (report.unverified !== undefined || report.contract !== undefined) log.warn(fields, "request");
    else log.info(fields, "request");
  };
  return {
    request: (report) => {
      // Paths come from outside: only configured sources become label values.
      const source = report.provider === undefined ? "(unknown)" : report.source;
      metrics.count("hooks_gateway_requests_total", { source, outcome: report.outcome });
      if (report.unverified !== undefined) {
        metrics.count("hooks_gateway_unverified_total", { source, code: report.unverified });
      }
      if (report.contract !== undefined) {
        metrics.count("hooks_gateway_contract_faults_total", { source, code: report.contract.code });
      }
      metrics.observe("hooks_gateway_request_duration_seconds", { source }, report.durationMs / 1_000);
      const leftOut = admit(report);
      if (leftOut !== undefined) write(report, leftOut);
    },
    relay: (report) => {
      switch (report.kind) {
        case "inbox_unavailable":
          log.error({ error: describeCauses(report.error) }, "inbox unavailable");
          break;
        case "inbox_available":
          log.info({}, "inbox available again");
          break;
        case "attempt": {
          const { kind: _, ...fields } = report;
          const { source, destination, outcome } = fields;
          metrics.count("hooks_gateway_attempts_total", { source, destination, outcome });
          if (outcome === "done") {
            const labels = { source, destination };
            metrics.observe("hooks_gateway_delivery_age_seconds", labels, report.ageMs / 1_000);
          }
          if (outcome === "done") log.info(fields, "attempt");
          else log.warn(fields, "attempt");
        }
      }
    },
  };
}

/** A refusal has what the client chose as source, and what broke. */
function describeRefused(report: ReceiveReport, leftOut: number): object {
  const source = report.source.slice(0, 64);
  const error = describeCauses(report.error);
  return { ...report, source, error, leftOut: leftOut === 0 ? undefined : leftOut };
}
