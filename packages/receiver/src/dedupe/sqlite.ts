import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { dedupeKey } from "../core/dedupe-key.ts";
import { type BegunEvent, type Dedupe, rememberMs as defaultRememberMs } from "../dedupe.ts";
import { makeFolder } from "../make-folder.ts";

export interface SqliteDedupeOptions {
  /** The file; it is created. `:memory:` ends with the process. */
  readonly path: string;
  /** How long a handled event is remembered. Default 7 days. */
  readonly rememberMs?: number;
  /** Unix milliseconds; all processes of the file must agree on them. Default: the machine's clock. */
  readonly clock?: () => number;
}

/** `busy_until` is NULL once the event is handled. */
const schema = `
create table if not exists handled_events (
  source text not null, event text not null, attempt integer not null, busy_until integer, forget_at integer not null,
  primary key (source, event)
) strict, without rowid;
create index if not exists handled_events_by_age on handled_events (forget_at);`;

/** Old rows go as new ones come; two for each, so that they always get fewer. */
const forget = `
delete from handled_events where (source, event) in
  (select source, event from handled_events where forget_at <= :now order by forget_at limit 2)`;

const begin = `
insert into handled_events values (:source, :event, 1, :now + :lease, :now + :remember)
on conflict do update set attempt = attempt + 1, busy_until = excluded.busy_until, forget_at = excluded.forget_at
where busy_until <= :now
returning attempt`;

const end = `
update handled_events set busy_until = :until, forget_at = :now + :remember
where source = :source and event = :event and attempt = :attempt and busy_until is not null`;

/** Remembers in a SQLite file: for one process, or a few on one machine. */
export function createSqliteDedupe(options: SqliteDedupeOptions): Dedupe {
  const { path, rememberMs = defaultRememberMs, clock = Date.now } = options;
  if (path !== ":memory:") makeFolder(dirname(resolve(path)));
  // A lock is held for less than a millisecond; a longer wait would hold up everything else in this process.
  const database = new DatabaseSync(path, { timeout: 500 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec(schema);
  const forgetting = database.prepare(forget);
  const beginning = database.prepare(begin);
  const stateOf = database.prepare("select busy_until from handled_events where source = ? and event = ?");
  const ending = database.prepare(end);

  const finish = ({ source, eventId, attempt }: BegunEvent, until: number | null): boolean => {
    const named = { source, event: dedupeKey(eventId), attempt };
    return ending.run({ ...named, until, now: clock(), remember: rememberMs }).changes === 1;
  };
  return {
    begin: async ({ source, eventId, leaseMs }) => {
      const event = dedupeKey(eventId);
      const now = clock();
      forgetting.run({ now });
      const row = beginning.get({ source, event, now, lease: leaseMs, remember: rememberMs });
      if (row !== undefined) return { kind: "begun", attempt: Number(row["attempt"]) };
      return { kind: stateOf.get(source, event)?.["busy_until"] === null ? "handled" : "busy" };
    },
    finish: async (begun) => finish(begun, null),
    release: async (begun) => finish(begun, 0),
    close: async () => void (database.isOpen && database.close()),
  };
}
