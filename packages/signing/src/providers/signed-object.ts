const maxDepth = 64;
const maxLength = 1024 * 1024;

/**
 * Parses the JSON object of a body of which only some members are signed, not the bytes. `undefined` for anything that
 * two parsers could read differently: a member that is there twice (in any object), bytes that are no UTF-8, a byte
 * order mark, a text nested deeper than 64 levels or longer than 1 MiB.
 */
export function readSignedObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (body.length > maxLength) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value) || !hasDistinctMembers(text)) {
      return undefined;
    }
    return Object.assign(Object.create(null) as Record<string, unknown>, value);
  } catch {
    return undefined;
  }
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

/** Whether no object in a text that is JSON has two members of one name. */
function hasDistinctMembers(text: string): boolean {
  /** The names seen in each object that is open; `undefined` for an array. */
  const open: (Set<string> | undefined)[] = [];
  let name: string | undefined;
  for (const [token] of text.matchAll(tokens)) {
    if (token === "{" || token === "[") {
      if (open.push(token === "{" ? new Set() : undefined) > maxDepth) return false;
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (token === ":" && name !== undefined) {
      const names = open.at(-1);
      if (names?.has(name) === true) return false;
      names?.add(name);
    }
    // Escapes are read, so that two spellings of a name are one name.
    name = token.startsWith('"') ? (JSON.parse(token) as string) : undefined;
  }
  return true;
}
