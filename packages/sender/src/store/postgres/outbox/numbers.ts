import type { Rendering } from "../../rendering.ts";
import type { Session, Statement } from "../database.ts";
import { numbers, texts } from "../parameters.ts";
import type { NewRecord } from "./decide.ts";

const STATEMENTS = {
  /** Locks in one order, so that publishers never wait for each other in a circle. $1 sources, $2 subjects, $3 how many */
  sequences: {
    name: "next_sequences",
    text: `
      INSERT INTO hooks.sequences (source, subject, last)
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS wanted (source, subject, count)
        ORDER BY source COLLATE "C", subject COLLATE "C"
      ON CONFLICT (source, subject) DO UPDATE SET last = sequences.last + excluded.last
      RETURNING source, subject, last`,
  },
  /** $1 endpoints, $2 how many */
  positions: {
    name: "next_positions",
    text: `
      INSERT INTO hooks.positions (endpoint, last)
      SELECT * FROM unnest($1::text[], $2::bigint[]) AS wanted (endpoint, count) ORDER BY endpoint COLLATE "C"
      ON CONFLICT (endpoint) DO UPDATE SET last = positions.last + excluded.last
      RETURNING endpoint, last`,
  },
} as const satisfies Record<string, Statement>;

/** The numbers of what is published, none of them given twice. */
export interface Numbers {
  /** The number of an event within its subject; undefined without one. Asked for once each, in order. */
  sequenceOf(record: NewRecord): number | undefined;
  /** Where a delivery stands among those of its order key; undefined without one. Asked for once each, in order. */
  positionOf(rendering: Rendering, sequence: number | undefined): number | undefined;
}

/** Others who want numbers of the same subjects and endpoints wait until the transaction is over. */
export async function takeNumbers(query: Session["query"], records: readonly NewRecord[]): Promise<Numbers> {
  const sequenceOf = await nextSequences(query, records);
  const nextOf = await nextPositions(query, records);
  return {
    sequenceOf,
    positionOf: ({ endpoint, ordering, orderKey }, sequence) => {
      if (orderKey === undefined) return undefined;
      return ordering === "endpoint" ? nextOf(endpoint) : sequence;
    },
  };
}

async function nextPositions(
  query: Session["query"],
  records: readonly NewRecord[],
): Promise<(endpoint: string) => number> {
  const counts = new Map<string, number>();
  for (const { renderings } of records)
    for (const { endpoint, ordering } of renderings)
      if (ordering === "endpoint") counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  const next = new Map<string, number>();
  if (counts.size > 0) {
    const rows = await query(STATEMENTS.positions, [
      texts([...counts.keys()]),
      numbers([...counts.values()]),
    ]);
    for (const row of rows) {
      const endpoint = String(row["endpoint"]);
      next.set(endpoint, Number(row["last"]) - (counts.get(endpoint) ?? 0) + 1);
    }
  }
  return (endpoint) => {
    const position = next.get(endpoint);
    if (position === undefined) throw new Error("The store gave an endpoint no number");
    next.set(endpoint, position + 1);
    return position;
  };
}

function nameOf(source: string, subject: string): string {
  return JSON.stringify([source, subject]);
}

/** Gives each event the next number of its subject, in order; events without a subject have none. */
async function nextSequences(
  query: Session["query"],
  records: readonly NewRecord[],
): Promise<(record: NewRecord) => number | undefined> {
  const wanted = new Map<string, { readonly source: string; readonly subject: string; count: number }>();
  for (const { event } of records) {
    const { source, subject } = event;
    if (subject === undefined) continue;
    const one = wanted.get(nameOf(source, subject)) ?? { source, subject, count: 0 };
    one.count += 1;
    wanted.set(nameOf(source, subject), one);
  }
  if (wanted.size === 0) return () => undefined;
  const all = [...wanted.values()];
  const rows = await query(STATEMENTS.sequences, [
    texts(all.map(({ source }) => source)),
    texts(all.map(({ subject }) => subject)),
    numbers(all.map(({ count }) => count)),
  ]);
  const next = new Map<string, number>();
  for (const row of rows) {
    const name = nameOf(String(row["source"]), String(row["subject"]));
    next.set(name, Number(row["last"]) - (wanted.get(name)?.count ?? 0) + 1);
  }
  return ({ event: { source, subject } }) => {
    if (subject === undefined) return undefined;
    const sequence = next.get(nameOf(source, subject));
    if (sequence === undefined) throw new Error("The store gave a subject no number");
    next.set(nameOf(source, subject), sequence + 1);
    return sequence;
  };
}
