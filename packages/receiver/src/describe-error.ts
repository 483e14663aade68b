/** What was thrown, in at most 500 characters, whatever it is: also what cannot be made a text. */
export function describeError(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return text.slice(0, 500);
  } catch {
    return "something that cannot be described";
  }
}
