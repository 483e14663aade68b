/**
 * Looks at what plain JavaScript may have given, where nothing would be told of it, or with the first event only.
 *
 * @param verb is called of the option `store`.
 * @throws TypeError that names an option and says what was expected.
 */
export function checkOptions(options: object, store: string, verb: string): void {
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const [name, type] of [
    ["sources", "object"],
    ["handlers", "function"],
  ] as const) {
    expect(name, given[name], "object");
    // As it was found to be.
    for (const [key, value] of Object.entries(given[name] as object)) expect(`${name}.${key}`, value, type);
  }
  expect(`${store}.${verb}`, Object(given[store])[verb], "function");
  for (const name of ["concurrency", "handlerTimeoutMs", "leaseMs"]) {
    const { [name]: value = 1 } = given;
    expect(name, value, "number");
    const number = value as number;
    // Longer than 24 days a timer cannot wait; it would not wait at all.
    if (!(number > 0 && number < 2 ** 31)) throw new TypeError(`Expected 0 < ${name} < 2^31`);
  }
}

function expect(name: string, value: unknown, type: string): void {
  if (typeof value !== type || value === null) throw new TypeError(`Expected ${name} of type ${type}`);
}
