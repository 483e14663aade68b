import type { DatabaseSync } from "node:sqlite";
import type { Seals } from "../seals.ts";
import { IDEMPOTENCY_MS, type Added, type Idempotency } from "../../store.ts";

export interface Idempotent {
  readonly key: string;
  readonly digest: string;
  /** The id of what the first call with this key made. */
  readonly resource: string;
}

export type Recall =
  | { readonly kind: "new" }
  | { readonly kind: "repeat"; readonly resource: string }
  | { readonly kind: "conflict" };

/** Remembers for a day what a key was used for. Both functions belong into the transaction that makes the resource. */
export function createIdempotency(database: DatabaseSync, seals: Seals) {
  const statements = {
    find: database.prepare("SELECT digest, resource FROM idempotency WHERE key = ? AND created_ms > ?"),
    keep: database.prepare(
      "INSERT OR REPLACE INTO idempotency (key, digest, resource, created_ms) VALUES (?, ?, ?, ?)",
    ),
    forget: database.prepare("DELETE FROM idempotency WHERE created_ms <= ?"),
  };
  return {
    recall({ key, digest }: Pick<Idempotent, "key" | "digest">, nowMs: number): Recall {
      const row = statements.find.get(key, nowMs - IDEMPOTENCY_MS);
      if (row === undefined) return { kind: "new" };
      return seals.openText("idempotency", key, String(row["digest"])) === digest
        ? { kind: "repeat", resource: String(row["resource"]) }
        : { kind: "conflict" };
    },
    remember({ key, digest, resource }: Idempotent, nowMs: number): void {
      statements.forget.run(nowMs - IDEMPOTENCY_MS);
      statements.keep.run(key, seals.text("idempotency", key, digest), resource, nowMs);
    },
  };
}

export interface Once<T> {
  readonly resource: T;
  readonly idempotency: Idempotency | undefined;
  readonly add: (resource: T) => void;
  readonly get: (id: string) => T | undefined;
}

/** Adds a resource, or answers with the one that the same key made before. */
export function createOnce<T extends { readonly id: string }>(
  database: DatabaseSync,
  seals: Seals,
): (once: Once<T>) => Added<T> {
  const { recall, remember } = createIdempotency(database, seals);
  return ({ resource, idempotency, add, get }) => {
    if (idempotency !== undefined) {
      const before = recall(idempotency, idempotency.nowMs);
      if (before.kind === "conflict") return { ok: false, code: "idempotency_conflict" };
      const added = before.kind === "repeat" ? get(before.resource) : undefined;
      if (added !== undefined) return { ok: true, added };
      remember({ ...idempotency, resource: resource.id }, idempotency.nowMs);
    }
    add(resource);
    return { ok: true, added: resource };
  };
}
