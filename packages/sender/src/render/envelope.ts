/** An event before it has its sequence. */
export interface EnvelopeHead {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  /** ISO 8601 in UTC: when it happened. */
  readonly timestamp: string;
  readonly source: string;
  readonly subject?: string;
}

/** The envelope as JSON, in two parts: everything is written once, and the sequence goes between them. */
export interface SplitEnvelope {
  readonly before: string;
  readonly after: string;
}

export function splitEnvelope(head: EnvelopeHead, dataJson: string): SplitEnvelope {
  return { before: JSON.stringify(head).slice(0, -1), after: `,"data":${dataJson}}` };
}

/** The bytes of an event on the wire. `sequence` counts per source and subject; events without a subject have none. */
export function bodyOf({ before, after }: SplitEnvelope, sequence: number | undefined): Uint8Array {
  // Cut from a pool: an encoder makes memory of its own for each, which costs as much again to collect.
  return Buffer.from(before + (sequence === undefined ? "" : `,"sequence":${sequence}`) + after);
}
