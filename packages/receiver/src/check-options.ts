/**
 * Looks at what plain JavaScript may have given a receiver, where nothing would be told of it, or with the first event only.
 *
 * @param verb is called of the option `store`.
 * @throws TypeError that names an option and says what was expected.
 */
export function checkOptions(options: object, store: string, verb: string): void {
  const given: Readonly<Record<string, unknown>> = { ...options };
  checkTable(given, "sources", "object");
  checkHandling(given);
  expect(`${store}.${verb}`, Object(given[store])[verb], "function");
}

/** The same for a consumer. */
export function checkConsumerOptions(options: object): void {
  const given: Readonly<Record<string, unknown>> = { ...options };
  if (typeof given["redis"] !== "string") expect("redis", given["redis"], "object");
  for (const name of ["stream", "group"]) expect(name, given[name], "string");
  checkHandling(given, ["commandTimeoutMs"]);
}

function checkHandling(given: Readonly<Record<string, unknown>>, more: readonly string[] = []): void {
  checkTable(given, "handlers", "function");
  for (const name of ["concurrency", "handlerTimeoutMs", "leaseMs", ...more]) {
    const { [name]: number = 1 } = given as Readonly<Record<string, number | undefined>>;
    expect(name, number, "number");
    // Longer than 24 days a timer cannot wait; it would not wait at all.
    if (!(number > 0 && number < 2 ** 31)) throw new TypeError(`Expected 0 < ${name} < 2^31`);
  }
}

function checkTable(given: Readonly<Record<string, unknown>>, name: string, type: string): void {
  expect(name, given[name], "object");
  // As it was found to be.
  for (const [key, value] of Object.entries(given[name] as object)) expect(`${name}.${key}`, value, type);
}

function expect(name: string, value: unknown, type: string): void {
  if (typeof value !== type || value === null) throw new TypeError(`Expected ${name} of type ${type}`);
}
