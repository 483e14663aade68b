import { parseArgs } from "node:util";
import {
  createReplayLog,
  type Inbox,
  type LogFilter,
  type LoggedEvent,
  type ReplayLog,
} from "@hooks/receiver";
import type { Config } from "./config.ts";

/** What a command is given besides its arguments. */
export interface CommandContext {
  readonly config: Config;
  readonly inbox: Inbox;
  readonly nowMs: number;
  print(line: string): void;
  complain(problem: string): void;
}

/** The commands that look into the inbox, which may be in use. */
export const commands = ["events", "replay", "discard"] as const;

export type Command = (typeof commands)[number];

export function isCommand(name: string | undefined): name is Command {
  return commands.some((one) => one === name);
}

const options = {
  source: { type: "string" },
  state: { type: "string" },
  type: { type: "string" },
  id: { type: "string" },
  destination: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  limit: { type: "string" },
  after: { type: "string" },
  to: { type: "string", multiple: true },
  all: { type: "boolean" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>;

/**
 * Runs `events` (shows what became of events), `replay` (sends them again) or `discard` (removes dead letters) and gives
 * the exit code: 0 when there were some, 1 when there were none, 2 when the arguments are wrong.
 */
export async function runCommand(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  let values: Values | undefined;
  let filter: LogFilter;
  try {
    values = parse(args);
    filter = readFilter(values, context);
  } catch (error) {
    context.complain(error instanceof Error ? error.message : String(error));
    if (values === undefined) context.complain("--help says what it takes");
    return 2;
  }
  switch (command) {
    case "events":
      return showEvents(values, filter, context);
    case "replay":
      return replay(values, filter, context);
    case "discard":
      return discard(values, filter, context);
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options }).values;
}

function readFilter(values: Values, { config, nowMs }: CommandContext): LogFilter {
  const { source, state = "dead", type, id, destination } = values;
  const sources = Object.keys(config.sources);
  if (sources.length === 0)
    throw new Error("there are no sources: HOOKS_CONFIG has to name the file that the gateway runs with");
  if (source === undefined || !sources.includes(source)) {
    throw new Error(`--source: expected one of ${sources.join(", ")}, got ${source ?? "nothing"}`);
  }
  if (state !== "waiting" && state !== "done" && state !== "dead") {
    throw new Error(`--state: expected waiting, done or dead, got ${state}`);
  }
  if (destination !== undefined && state !== "dead") {
    throw new Error("--destination: only dead letters belong to one destination");
  }
  const [from, to] = [readTime("since", values.since, nowMs), readTime("until", values.until, nowMs)];
  return { source, state, type, eventId: id, destination, from, to };
}

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time such as `2026-11-20T12:00:00Z`, or how long ago: `90m`, `2h`, `3d`. */
function readTime(name: string, text: string | undefined, nowMs: number): Date | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const agoMs = unit === "m" || unit === "h" || unit === "d" ? Number(amount) * unitsMs[unit] : undefined;
  const time = new Date(agoMs === undefined ? text : nowMs - agoMs);
  if (Number.isNaN(time.getTime()))
    throw new Error(`--${name}: expected a time or 90m, 2h or 3d, got ${text}`);
  return time;
}

async function showEvents(values: Values, filter: LogFilter, context: CommandContext): Promise<number> {
  const limit = Number(values.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 1) {
    context.complain(`--limit: expected a number, got ${values.limit}`);
    return 2;
  }
  if (values.after !== undefined && !/^\d+(?:-\d+)?$/.test(values.after)) {
    context.complain(`--after: expected what the page before said, got ${values.after}`);
    return 2;
  }
  const { events, next } = await createReplayLog(context.inbox).list({
    ...filter,
    limit,
    after: values.after,
  });
  for (const event of events) context.print(values.json === true ? toJson(event) : toLine(event));
  if (events.length === 0) {
    context.complain("There are none");
    sayWhyNone(filter, context);
  }
  if (next !== undefined) context.complain(`There are more: --after ${next}`);
  return events.length > 0 ? 0 : 1;
}

function sayWhyNone({ state }: LogFilter, { config, complain }: CommandContext): void {
  if (state === "done" && config.keptEvents === 0)
    complain("What is done is kept only where the file says keptEvents, and here it does not");
}

async function replay(values: Values, filter: LogFilter, context: CommandContext): Promise<number> {
  const { state, source } = filter;
  const problem = findReplayProblem(values, filter, context.config);
  if (problem !== undefined || state === "waiting") {
    context.complain(problem ?? "--state: what waits is on its way as it is");
    return 2;
  }
  const known = context.config.sources[source]?.destinations ?? [];
  const isOfAny = state === "dead" && filter.destination === undefined;
  const code = await change(values, filter, {
    ...context,
    parts: isOfAny ? known.map((destination) => ({ ...filter, destination })) : [filter],
    does: "replays",
    done: "sent again",
    work: (log, part) => log.replay({ ...part, state, destinations: values.to ?? known }),
  });
  if (isOfAny && code !== 2) await tellRemoved(filter, known, context);
  return code;
}

/** Nobody would take them for a destination that the source no longer has. */
async function tellRemoved(filter: LogFilter, known: readonly string[], context: CommandContext) {
  const { events } = await createReplayLog(context.inbox).list({ ...filter, limit: Infinity });
  const removed = events.map(({ destination = "" }) => destination).filter((name) => !known.includes(name));
  if (removed.length === 0) return;
  const names = [...new Set(removed)].join(", ");
  context.complain(
    `${removed.length} stay: ${filter.source} no longer has ${names}; configure it again, or discard them`,
  );
}

async function discard(values: Values, filter: LogFilter, context: CommandContext): Promise<number> {
  const { state } = filter;
  if (state !== "dead" || values.to !== undefined) {
    context.complain(
      state === "dead" ? "--to: what is discarded goes nowhere" : "--state: only dead letters are discarded",
    );
    return 2;
  }
  return change(values, filter, {
    ...context,
    parts: [filter],
    does: "discards",
    done: "discarded",
    work: (log) => log.discard({ ...filter, state }),
  });
}

interface Change extends CommandContext {
  /** What fits the filter, in parts. */
  readonly parts: readonly LogFilter[];
  readonly does: string;
  readonly done: string;
  work(log: ReplayLog, part: LogFilter): Promise<number>;
}

/** Changes what fits the filter, or only counts it; everything of a source only when that is said. */
async function change(values: Values, filter: LogFilter, { parts, does, done, work, ...context }: Change) {
  const { state, source, type, eventId, destination, from, to } = filter;
  const isNarrow = [type, eventId, destination, from, to].some((one) => one !== undefined);
  if (!isNarrow && values.all !== true) {
    context.complain(`This ${does} everything of ${source} that is ${state}: say so with --all`);
    return 2;
  }
  const log = createReplayLog(context.inbox);
  const isDry = values["dry-run"] === true;
  let count = 0;
  for (const part of parts)
    count += isDry ? (await log.list({ ...part, limit: Infinity })).events.length : await work(log, part);
  context.print(`${count} ${isDry ? "would be" : "are"} ${done}`);
  if (count === 0) sayWhyNone(filter, context);
  return count > 0 ? 0 : 1;
}

function findReplayProblem(values: Values, filter: LogFilter, config: Config): string | undefined {
  const { state, source, destination } = filter;
  if (state === "dead" && values.to !== undefined)
    return "--to: a dead letter goes to the destination that did not get it";
  const known = config.sources[source]?.destinations ?? [];
  // Nobody would take it there: the relay serves each source's own destinations.
  const [option, names] = state === "dead" ? ["destination", [destination]] : ["to", values.to ?? []];
  const unknown = names.find((name) => name !== undefined && !known.includes(name));
  return unknown === undefined
    ? undefined
    : `--${option}: expected destinations of ${source} (${known.join(", ") || "it has none"}), got ${unknown}`;
}

function toLine(event: LoggedEvent): string {
  const { receivedAtMs, eventId, eventType = "-", state, destination, reason, attempts, deadFor } = event;
  const what = [new Date(receivedAtMs).toISOString(), eventId, eventType, state];
  const why = destination === undefined ? [] : [`${destination} (attempt ${attempts}): ${reason}`];
  const except = deadFor === undefined ? [] : [`dead for ${deadFor.join(", ")}`];
  return [...what, ...why, ...except].join("  ");
}

/** One line, without what signs: whoever reads logs must not be able to send the event elsewhere. */
function toJson({ body, headers: _, subject, ...event }: LoggedEvent): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = bytes.toString("utf8");
  const isText = Buffer.from(text).equals(bytes);
  const encoding = isText ? "utf8" : "base64";
  return JSON.stringify({ ...event, subject, body: isText ? text : bytes.toString("base64"), encoding });
}
