/** The value of a JSON text in UTF-8. @throws TypeError for what is no UTF-8, SyntaxError for what is no JSON. */
export function parseJson(text: Uint8Array): unknown {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
}
