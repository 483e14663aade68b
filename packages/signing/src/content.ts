import { createAlphabet } from "./alphabet.ts";

const idCharacters = createAlphabet("A-Za-z0-9_:/=+@-");
const digits = createAlphabet("0-9");

/** What an id is, in words, for error messages. */
export const idForm = "1 to 128 letters, digits or _ - : / = + @";

/**
 * Whether a text is an id. Standard Webhooks forbids only the dot, which stands between the signed parts; what else is
 * left out here (spaces, quotes, controls, anything not ASCII) no header or log carries unharmed.
 */
export function isId(text: string): boolean {
  return text.length >= 1 && text.length <= 128 && idCharacters.spans(text, 0, text.length);
}

/** Whether a text is Unix seconds in digits only: no sign, fraction, exponent or space, so that it has one meaning. */
export function isTimestamp(text: string): boolean {
  return text.length >= 1 && text.length <= 12 && digits.spans(text, 0, text.length);
}

/** The signed bytes in front of the body: ASCII. The timestamp is the header's own text. */
export function contentPrefix(id: string, timestamp: string): string {
  return `${id}.${timestamp}.`;
}
