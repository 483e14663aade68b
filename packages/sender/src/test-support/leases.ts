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
  close(): Promise<void>;
}

export async function openLeases(url: string): Promise<LeaseReader> {
  const client = new Client(url);
  await client.connect();
  return {
    async read() {
      const { rows } = await client.query<{ id: string; pid: number; expires: string; now: string }>(
        "SELECT id, pid, expires_ms AS expires, extract(epoch FROM clock_timestamp()) * 1000 AS now FROM hooks.workers",
      );
      const shards = await client.query<{ owner: string }>("SELECT DISTINCT owner FROM hooks.shards");
      return {
        nowMs: Number(rows[0]?.now),
        workers: new Map(rows.map(({ id, pid, expires }) => [pid, { id, expiresMs: Number(expires) }])),
        owners: new Set(shards.rows.map(({ owner }) => owner)),
      };
    },
    close: () => client.end(),
  };
}
