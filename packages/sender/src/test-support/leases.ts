import { Client } from "pg";

/** Who owns what in a PostgreSQL, and until when, by the clock of the server. */
export interface Leases {
  readonly nowMs: number;
  /** By the pid of their process. */
  readonly workers: ReadonlyMap<number, { readonly id: string; readonly expiresMs: number }>;
  /** The ids of those who own a shard. */
  readonly owners: ReadonlySet<string>;
}

export interface LeaseReader {
  read(): Promise<Leases>;
  /** Ends those of these processes, as time would. */
  lapse(pids: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly pid: number;
  readonly expires: string;
  readonly now: string;
  readonly owners: readonly string[];
}

export async function openLeases(url: string): Promise<LeaseReader> {
  const client = new Client(url);
  await client.connect();
  return {
    async read() {
      // In one statement, so that who owns a shard and until when are of the same moment.
      const { rows } = await client.query<Row>(
        `SELECT id, pid, expires_ms AS expires, extract(epoch FROM clock_timestamp()) * 1000 AS now,
          ARRAY(SELECT DISTINCT owner FROM hooks.shards) AS owners FROM hooks.workers`,
      );
      return {
        nowMs: Number(rows[0]?.now),
        workers: new Map(rows.map(({ id, pid, expires }) => [pid, { id, expiresMs: Number(expires) }])),
        owners: new Set(rows[0]?.owners),
      };
    },
    lapse: async (pids) =>
      void (await client.query("UPDATE hooks.workers SET expires_ms = 0 WHERE pid = ANY ($1)", [pids])),
    close: () => client.end(),
  };
}
