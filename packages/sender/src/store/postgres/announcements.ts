import { Client } from "pg";
import type { Work } from "../../store.ts";
import { KEEP_ALIVE, type Database, type Session, type Statement } from "./database.ts";

export interface AnnouncementsOptions {
  readonly url: string;
  /** Also the name of the channel. */
  readonly schema: string;
  readonly timeoutMs: number;
  readonly query: Database["query"];
}

const NOTIFY: Statement = { name: "notify", text: "SELECT pg_notify($1, $2)" };

/** What is announced within this time goes in one notification: a commit that notifies waits for all others that do. */
const GATHER_MS = 10;
/** How long to wait for a new connection to listen on. */
const RECONNECT_MS = 1_000;
/** PostgreSQL takes 7,999 bytes. */
const MAX_PAYLOAD_BYTES = 7_500;

/** Announces in the transaction of `query`, and so when it commits. */
export async function notify(
  query: Session["query"],
  schema: string,
  endpoints: readonly string[],
): Promise<void> {
  if (endpoints.length === 0) return;
  const payload = JSON.stringify([...new Set(endpoints)]);
  // Too many to name: whoever hears it looks for itself.
  await query(NOTIFY, [schema, Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES ? "[]" : payload]);
}

/** What says that shards wait for another owner, or should; no list of endpoints. */
const SHARDS = '"shards"';

/** Tells every worker to look for its share, when the transaction of `query` commits. */
export async function notifyOfShards(query: Session["query"], schema: string): Promise<void> {
  await query(NOTIFY, [schema, SHARDS]);
}

/** Tells and hears of what was published, by NOTIFY and LISTEN. */
export function createAnnouncements({
  url,
  schema,
  timeoutMs,
  query,
}: AnnouncementsOptions): Pick<Work, "announce" | "hear"> & { readonly close: () => void } {
  const gathered = new Set<string>();
  const endings = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    const endpoints = [...gathered];
    gathered.clear();
    // Who does not hear it looks for itself before long.
    notify(query, schema, endpoints).catch(() => {});
  };
  return {
    announce(endpoints) {
      for (const endpoint of endpoints) gathered.add(endpoint);
      timer ??= setTimeout(flush, GATHER_MS).unref();
    },
    hear(onAnnounced, onShards) {
      const end = listen({ url, schema, timeoutMs, onAnnounced, onShards });
      endings.add(end);
      return () => {
        endings.delete(end);
        end();
      };
    },
    close() {
      clearTimeout(timer);
      for (const end of endings) end();
    },
  };
}

interface Listening extends Omit<AnnouncementsOptions, "query"> {
  readonly onAnnounced: (endpoints: readonly string[]) => void;
  readonly onShards: () => void;
}

/** Listens on a connection of its own, and on another when that is lost. */
function listen({ url, schema, timeoutMs, onAnnounced, onShards }: Listening): () => void {
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;
  const connect = (): void => {
    const next = new Client({
      connectionString: url,
      connectionTimeoutMillis: timeoutMs,
      ...KEEP_ALIVE,
      application_name: "hooks",
    });
    client = next;
    const again = () => {
      if (client !== next || isEnded) return;
      client = undefined;
      void next.end().catch(() => {});
      timer = setTimeout(connect, RECONNECT_MS).unref();
    };
    next.on("error", again);
    next.on("end", again);
    next.on("notification", ({ payload }) => {
      if (payload === SHARDS) onShards();
      else onAnnounced(endpointsIn(payload));
    });
    const start = async () => {
      await next.connect();
      await next.query(`LISTEN ${next.escapeIdentifier(schema)}`);
      // What was said before nobody heard.
      if (!isEnded) onAnnounced([]);
    };
    start().catch(again);
  };
  connect();
  return () => {
    isEnded = true;
    clearTimeout(timer);
    void client?.end().catch(() => {});
  };
}

/** Anybody may notify; what cannot be read says that there is something. */
function endpointsIn(payload: string | undefined): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(payload ?? "");
    return Array.isArray(parsed) ? parsed.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
