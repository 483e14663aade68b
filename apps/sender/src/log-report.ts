import type { Report } from "@hooks/sender";
import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";

/** One wide line for each attempt, and one for each trouble of the worker. */
export function createReport(log: Logger, metrics: Metrics): Report {
  return (report) => {
    metrics.reported(report);
    const { kind, ...fields } = report;
    if (kind === "attempted") log.info(fields, kind);
    else if (kind === "store_unavailable") log.warn(fields, kind);
    else log.error(fields, kind);
  };
}
