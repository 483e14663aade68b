import { createAlphabet } from "./alphabet.ts";

const idCharacters = createAlphabet("A-Za-z0-9_-");
const digits = createAlphabet("0-9");

/** Whether a text is an id: 1 to 64 characters that headers, file names and logs can carry, without the dot between the signed parts. */
export function isId(text: string): boolean {
  return text.length >= 1 && text.length <= 64 && idCharacters.spans(text, 0, text.length);
}

/** Whether a text is Unix seconds in digits only: no sign, fraction, exponent or space, so that it has one meaning. */
export function isTimestamp(text: string): boolean {
  return text.length >= 1 && text.length <= 12 && digits.spans(text, 0, text.length);
}

/** The signed bytes in front of the body: ASCII. The timestamp is the header's own text. */
export function contentPrefix(id: string, timestamp: string): string {
  return `${id}.${timestamp}.`;
}
