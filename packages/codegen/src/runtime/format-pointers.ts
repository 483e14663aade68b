/** RFC 6901. */
export function isJsonPointer(text: string): boolean {
  return text === "" || (text.startsWith("/") && !/~(?![01])/.test(text));
}

/** A number of levels up, and from there a JSON Pointer, or `#` for the name. */
export function isRelativeJsonPointer(text: string): boolean {
  const levels = /^(?:0|[1-9]\d*)(?!\d)/.exec(text)?.[0];
  const rest = text.slice(levels?.length);
  return levels !== undefined && (rest === "#" || isJsonPointer(rest));
}

/** ECMA-262. */
export function isRegex(text: string): boolean {
  try {
    void new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
