/** A secret is not one. `code` is stable; the message says what was expected and never repeats the secret. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code = "invalid_secret";
}
