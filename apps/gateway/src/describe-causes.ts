/** An error and its causes in one line, without stacks. */
export function describeCauses(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (!(error instanceof Error)) return String(error);
  const cause = describeCauses(error.cause);
  return cause === undefined ? error.message : `${error.message}: ${cause}`;
}
