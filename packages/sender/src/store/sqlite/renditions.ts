import type { DatabaseSync } from "node:sqlite";
import type { Rendered } from "../../store.ts";
import { nameOfPart, type Seals } from "../seals.ts";

/** The bytes of events that go out otherwise than they were published, once each. */
export function createRenditions(database: DatabaseSync, seals: Seals) {
  const add = database.prepare(
    "INSERT OR IGNORE INTO renditions (event, key, version, body) VALUES (?, ?, ?, ?)",
  );
  return {
    /** Keeps what a delivery of the event sends, and gives what its row says of it. Inside a transaction. */
    keep(event: string, rendered: Rendered): string | null {
      if (rendered.kind === "own") return null;
      const { key, version, body } = rendered;
      add.run(event, key, version, seals.bytes("rendition", nameOfPart(event, key), body));
      return key;
    },
  };
}
