/** Ids that headers, file names and logs can carry, and without the dot that separates the signed parts. */
export const idForm = /^[A-Za-z0-9_-]{1,64}$/;

/** Unix seconds in digits only: no sign, fraction, exponent or space, so that a text has one meaning. */
export const timestampForm = /^[0-9]{1,12}$/;

/** The signed bytes in front of the body. The timestamp is the header's own text. */
export function contentPrefix(id: string, timestamp: string): string {
  return `${id}.${timestamp}.`;
}
