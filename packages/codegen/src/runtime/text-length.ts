/** Whether a text has more characters than `limit`, counted as JSON Schema does: code points, not UTF-16 units. */
export function isLonger(text: string, limit: number): boolean {
  return text.length > limit && textLength(text) > limit;
}

/** Whether a text has fewer characters than `limit`. A character has at most two units: most texts need no counting. */
export function isShorter(text: string, limit: number): boolean {
  return text.length < 2 * limit && textLength(text) < limit;
}

function textLength(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    if (!isPair(text, index)) continue;
    length--;
    index++;
  }
  return length;
}

function isPair(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
}
