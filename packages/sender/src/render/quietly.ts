/** What every line of a stack looks like that says where and not what. */
const FRAME = /^ {4}at .{0,500}:\d+:\d+\)?$/;

/** Whether a contract marks any member as sensitive. */
export function marksSensitive(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  return Object.hasOwn(schema, "x-sensitive") || Object.values(schema).some(marksSensitive);
}

/**
 * Runs a migration of data. What it throws may quote the data; where that is sensitive (`isSensitive`), an error is thrown
 * instead that tells only where it was.
 */
export function quietly<T>(isSensitive: boolean, job: () => T): T {
  try {
    return job();
  } catch (error) {
    throw isSensitive ? withoutWords(error) : error;
  }
}

function withoutWords(error: unknown): Error {
  const quiet = new Error("The migration threw; what it said is not shown, for its data is sensitive");
  const stack = error instanceof Error && typeof error.stack === "string" ? error.stack : "";
  const frames = stack.split("\n").filter((line) => FRAME.test(line));
  quiet.stack = [`${quiet.name}: ${quiet.message}`, ...frames].join("\n");
  return quiet;
}
