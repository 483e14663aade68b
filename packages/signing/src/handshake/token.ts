/**
 * The forms of texts that a handshake takes from a request. None has a line break or a character that HTML gives a
 * meaning to; those that a secret signs have none that stands in a signed event either.
 */
export type TokenForm = keyof typeof tokenForms;

const tokenForms = {
  /** Printable ASCII without the characters of HTML. */
  text: /^[ !#-%(-;=?-~]{1,256}$/,
  /** The same, longer: Microsoft's tokens are sentences, with room to grow. */
  sentence: /^[ !#-%(-;=?-~]{1,1024}$/,
  word: /^[A-Za-z0-9_-]{1,128}$/,
  base64: /^[A-Za-z0-9._~+/=-]{1,256}$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  hex: /^[0-9a-f]{20,32}$/,
  /** Without a backslash, which some readers take for a slash. */
  url: /^https:\/\/[!#-&(-;=?-[\]-~]{1,2000}$/,
  /** A host name, or an origin. */
  origin: /^[A-Za-z0-9.:/-]{1,256}$/,
} as const satisfies Record<string, RegExp>;

export function hasForm(text: string, form: TokenForm): boolean {
  return tokenForms[form].test(text);
}

/** No form allows a longer text. */
const longest = 2_008;

/** Whether a text is one that a form allows, as bytes. */
export function bytesHaveForm(bytes: Uint8Array, form: TokenForm): boolean {
  return bytes.length <= longest && hasForm(String.fromCharCode(...bytes), form);
}
