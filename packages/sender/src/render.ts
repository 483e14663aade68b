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

const encoder = new TextEncoder();

/**
 * Makes the function that gives the bytes of an event on the wire. Everything but the sequence is written once, here;
 * `sequence` counts per source and subject, so events without a subject have none.
 */
export function createRender(
  head: EnvelopeHead,
  dataJson: string,
): (sequence: number | undefined) => Uint8Array {
  const start = JSON.stringify(head).slice(0, -1);
  const end = `,"data":${dataJson}}`;
  return (sequence) =>
    encoder.encode(start + (sequence === undefined ? "" : `,"sequence":${sequence}`) + end);
}
