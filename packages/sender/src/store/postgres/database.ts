import { escapeIdentifier, Pool, types, type PoolClient, type QueryConfig } from "pg";
import { StoreUnavailableError } from "../../store.ts";
import type { Parameter } from "./parameters.ts";
import { asUnavailable, isTransient } from "./unavailable.ts";

export type Row = Readonly<Record<string, unknown>>;

/** A statement by its name, under which the server keeps its plan. Tables are written as `hooks.table`. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface Step {
  readonly statement: Statement;
  readonly values: readonly Parameter[];
}

/** Where statements are run: on a connection, or in a transaction. */
export interface Session {
  query(statement: Statement, values: readonly Parameter[]): Promise<readonly Row[]>;
  /**
   * Runs `prepare` in a transaction, then what it gives back, and commits. Gives the rows of each of these steps. Rejects
   * when nothing of it was kept. What is one statement in the end is sent as such.
   */
  atomically(prepare: (session: Session) => Promise<readonly Step[]>): Promise<readonly (readonly Row[])[]>;
}

export interface Database {
  /** One statement, which is a transaction of its own. */
  query: Session["query"];
  /** Work on one connection. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** A statement with the schema's name in it. */
  readonly place: (statement: Statement) => Statement;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly schema: string;
  readonly maxConnections: number;
  /** How long a statement may take to be answered. */
  readonly timeoutMs: number;
  /** How long a connection may take to come. Default: as long as a statement. */
  readonly connectTimeoutMs?: number;
  /** How long a statement may wait for another transaction. Default: as long as it may take. */
  readonly lockTimeoutMs?: number;
}

/**
 * All statements are short walks along an index. A plan is kept, and the first is made when the tables are empty and
 * reading all of them looks cheap; so the planner is told not to think of what only ever pays on small tables.
 */
const PLANNER = [
  "plan_cache_mode = force_generic_plan",
  "jit = off",
  "enable_seqscan = off",
  "enable_bitmapscan = off",
  "enable_hashjoin = off",
  "enable_mergejoin = off",
  "enable_memoize = off",
  "synchronous_commit = on",
]
  .map((setting) => `SET ${setting}`)
  .join("; ");

/**
 * A connection on which nobody says anything is asked for after so long: routers on the way forget such ones within minutes,
 * without a word, and by itself the system asks after two hours. Whoever listens would hear nothing until then.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 30_000 } as const;

const MAX_TRIES = 5;

/** Connects when it is first asked. */
export function openDatabase({
  url,
  schema,
  maxConnections,
  timeoutMs,
  connectTimeoutMs = timeoutMs,
  lockTimeoutMs,
}: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: timeoutMs,
    ...(lockTimeoutMs === undefined ? {} : { lock_timeout: lockTimeoutMs }),
    // The server ends a statement first, unless it hangs itself.
    query_timeout: timeoutMs + GRACE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...KEEP_ALIVE,
    application_name: "hooks",
    pipeline: true,
    onConnect: async (client) => void (await client.query(PLANNER)),
    types: { getTypeParser },
  });
  // A connection that breaks while nobody uses it; the next use makes another.
  pool.on("error", () => {});
  const place = createPlace(schema);

  const session = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const client = await pool.connect().catch((error: unknown) => {
      throw asUnavailable(error);
    });
    // Without a listener, a connection that breaks while in use would end the process.
    client.on("error", ignore);
    let isBroken = true;
    try {
      const result = await work(sessionOn(client, place));
      isBroken = false;
      return result;
    } catch (error) {
      // What was refused leaves the connection as it was; after anything else nobody knows.
      isBroken = error instanceof StoreUnavailableError;
      throw error;
    } finally {
      client.off("error", ignore);
      client.release(isBroken);
    }
  };
  return {
    session,
    place,
    query: (statement, values) => session(({ query }) => query(statement, values)),
    transaction: (work) =>
      retrying(() =>
        session(async ({ atomically }) => {
          const results: Awaited<ReturnType<typeof work>>[] = [];
          await atomically(async (inside) => {
            results.push(await work(inside));
            return [];
          });
          // It was pushed, or `atomically` has thrown.
          return results[0] as Awaited<ReturnType<typeof work>>;
        }),
      ),
    close: () => pool.end(),
  };
}

const GRACE_MS = 150;
const IDLE_IN_TRANSACTION_MS = 10_000;

function ignore(): void {}

async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= MAX_TRIES || !isTransient(error)) throw error;
    }
  }
}

function sessionOn(client: PoolClient, place: Database["place"]): Session {
  const send = async (config: QueryConfig): Promise<readonly Row[]> => {
    try {
      // Rows of whatever columns the statement names.
      return (await client.query(config)).rows as Row[];
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  const query: Session["query"] = (statement, values) => send({ ...place(statement), values: [...values] });
  const session: Session = {
    query,
    async atomically(prepare) {
      let begun: Promise<unknown> | undefined;
      // Nothing waits for it: what follows a failed BEGIN fails by itself.
      const begin = () => {
        begun ??= send({ text: "BEGIN" });
        begun.catch(ignore);
      };
      const inside: Session["query"] = (statement, values) => {
        begin();
        return query(statement, values);
      };
      let steps: readonly Step[];
      try {
        steps = await prepare({ ...session, query: inside });
        await begun;
      } catch (error) {
        if (begun !== undefined) await send({ text: "ROLLBACK" }).catch(ignore);
        throw error;
      }
      const [only] = steps;
      if (begun === undefined && only !== undefined && steps.length === 1) {
        // A statement is a transaction of its own.
        return [await query(only.statement, only.values)];
      }
      begin();
      // Sent together: when a step fails, COMMIT rolls back.
      const sent = steps.map(({ statement, values }) => query(statement, values));
      const outcomes = await Promise.allSettled([...sent, send({ text: "COMMIT" })]);
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      return Promise.all(sent);
    },
  };
  return session;
}

/** Writes the schema's name where statements say `hooks.`, once for each. */
function createPlace(schema: string): Database["place"] {
  const placed = new WeakMap<Statement, Statement>();
  const name = escapeIdentifier(schema);
  return (statement) => {
    const known = placed.get(statement);
    if (known !== undefined) return known;
    const made = { name: statement.name, text: statement.text.replaceAll(/\bhooks\./g, `${name}.`) };
    placed.set(statement, made);
    return made;
  };
}

const INT8 = 20;

/** Counts and times are below 2^53. */
function getTypeParser(...[oid, format]: Parameters<typeof types.getTypeParser>) {
  return oid === INT8 && format !== "binary" ? Number : types.getTypeParser(oid, format);
}
