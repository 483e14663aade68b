import type { Hop } from "./journey.ts";

/** A line that an app wrote: its JSON, or the text as `msg`. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

export function readLogLine(text: string): LogLine {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "msg" in parsed && typeof parsed.msg === "string") {
      return { ...parsed, msg: parsed.msg };
    }
  } catch {
    // A line for people.
  }
  return { msg: text };
}

/** The hop of a contract event that a line of the sender or the gateway tells of. */
export function hopOf(
  line: LogLine,
): { readonly id: string; readonly hop: Hop; readonly atMs: number } | undefined {
  const row = rows.find(({ matches }) =>
    Object.entries(matches).every(([name, value]) => line[name] === value),
  );
  if (row === undefined) return undefined;
  const id = line[row.id];
  const { time, durationMs } = line;
  if (typeof id !== "string" || typeof time !== "string" || typeof durationMs !== "number") return undefined;
  const loggedAtMs = Date.parse(time);
  return { id, hop: row.hop, atMs: row.isBeginning ? loggedAtMs - durationMs : loggedAtMs };
}

interface Row {
  readonly hop: Hop;
  readonly matches: Readonly<Record<string, string>>;
  /** The member with the event's id. */
  readonly id: string;
  /** The hop is when what the line reports began: a delivery is at the other end before its answer is back. */
  readonly isBeginning: boolean;
}

const rows: readonly Row[] = [
  { hop: "delivered", matches: { msg: "attempt", outcome: "delivered" }, id: "event", isBeginning: true },
  {
    hop: "accepted",
    matches: { msg: "request", source: "billing", outcome: "accepted" },
    id: "eventId",
    isBeginning: false,
  },
  {
    hop: "forwarded",
    matches: { msg: "attempt", source: "billing", outcome: "done" },
    id: "eventId",
    isBeginning: true,
  },
];
