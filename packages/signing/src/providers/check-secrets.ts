/** What JavaScript may give instead of a list, such as `secret: "…"` or one text. @throws TypeError that repeats none of it. */
export function checkSecrets(secrets: unknown): void {
  if (Array.isArray(secrets)) return;
  const received = secrets === undefined ? "nothing" : `a value of type ${typeof secrets}`;
  throw new TypeError(`Expected secrets to be a list of texts, received ${received}.`);
}
