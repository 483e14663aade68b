import type { Report } from "@hooks/sender";
import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";

/** One wide line for each attempt, and one for each trouble of the worker. */
export function createReport(log: Logger, metrics: Metrics): Report {
  return (report) => {
    metrics.reported(report);
    const { kind, ...fields } = report;
    switch (kind) {
      case "attempted":
        log[report.outcome === "delivered" ? "info" : "warn"](fields, "attempt");
        break;
      case "store_unavailable":
        log.error(fields, "store unavailable");
        break;
      case "unrendered":
        log.error(fields, "event not rendered for an endpoint");
        break;
      default:
        log.error(fields, kind);
    }
  };
}
