import { IDEMPOTENCY_MS, type Added, type Idempotency } from "../../store.ts";
import type { Seals } from "../seals.ts";
import type { Database, Session, Statement, Step } from "./database.ts";
import type { KeyGuard } from "./keys.ts";
import { isTaken } from "./unavailable.ts";

const STATEMENTS = {
  find: {
    name: "find_key",
    text: "SELECT digest, resource FROM hooks.idempotency WHERE key = $1 AND created_ms > $2",
  },
  drop: { name: "drop_key", text: "DELETE FROM hooks.idempotency WHERE key = $1" },
  keep: {
    name: "keep_key",
    text: "INSERT INTO hooks.idempotency (key, digest, resource, created_ms) VALUES ($1, $2, $3, $4)",
  },
} as const satisfies Record<string, Statement>;

/** A key as it is kept: any text can be one, and not every text can stand in a column. */
export function keyOf({ key }: Pick<Idempotency, "key">): string {
  return JSON.stringify(key);
}

export interface Once<T> {
  readonly resource: T;
  readonly idempotency: Idempotency | undefined;
  readonly add: readonly Step[];
  readonly get: (query: Session["query"], id: string) => Promise<T | undefined>;
}

/** Adds a resource, or answers with the one that the same key made before. */
export async function addOnce<T extends { readonly id: string }>(
  database: Pick<Database, "transaction">,
  { seals }: Pick<KeyGuard, "seals">,
  once: Once<T>,
): Promise<Added<T>> {
  try {
    return await database.transaction(({ query }) => add(query, seals, once));
  } catch (error) {
    // Somebody else used the key at the same moment; now it is known.
    if (once.idempotency === undefined || !isTaken(error)) throw error;
    return database.transaction(({ query }) => add(query, seals, once));
  }
}

async function add<T extends { readonly id: string }>(
  query: Session["query"],
  seals: Seals,
  { resource, idempotency, add: steps, get }: Once<T>,
): Promise<Added<T>> {
  if (idempotency !== undefined) {
    const { digest, nowMs } = idempotency;
    const key = keyOf(idempotency);
    const [used] = await query(STATEMENTS.find, [key, nowMs - IDEMPOTENCY_MS]);
    const isOther =
      used !== undefined && seals.openText("idempotency", key, String(used["digest"])) !== digest;
    if (isOther) return { ok: false, code: "idempotency_conflict" };
    const added = used === undefined ? undefined : await get(query, String(used["resource"]));
    if (added !== undefined) return { ok: true, added };
    await query(STATEMENTS.drop, [key]);
    await query(STATEMENTS.keep, [key, seals.text("idempotency", key, digest), resource.id, nowMs]);
  }
  for (const { statement, values } of steps) await query(statement, values);
  return { ok: true, added: resource };
}
