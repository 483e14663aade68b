import { hash } from "node:crypto";

/** The name under which an event id is remembered: of fixed length, whatever the sender chose as id. */
export function dedupeKey(eventId: string): string {
  return hash("sha256", eventId, "base64url");
}

/** The bytes as which an event id is remembered: 128 bits of its digest. */
export function dedupeDigest(eventId: string): Uint8Array {
  return hash("sha256", eventId, "buffer").subarray(0, 16);
}

/** An event id as one of the integers of one of 16,384 sets: 78 bits of its digest. */
export interface DedupeNumber {
  readonly bucket: number;
  /** A signed 64-bit integer in decimal. */
  readonly member: string;
}

/**
 * The number under which an event id is remembered where memory is dear. Among ten million ids remembered at once, two
 * different ones share a number with a probability of 2 in 10,000 million.
 */
export function dedupeNumber(eventId: string): DedupeNumber {
  const digest = hash("sha256", eventId, "buffer");
  return { bucket: digest.readUInt16BE(0) >> 2, member: digest.readBigInt64BE(2).toString() };
}
