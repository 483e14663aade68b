/**
 * Collects what arrives in the same turn of the event loop and hands it to `flush` together, so that it shares one
 * commit or one round trip. Each caller gets its own result, or the error of the whole batch.
 *
 * `flush` gives one result per item, in order.
 */
export function createBatch<Item, Result>(
  flush: (items: readonly Item[]) => Promise<readonly Result[]>,
  maxItems: number,
): (item: Item) => Promise<Result> {
  let pending: Pending<Item, Result>[] = [];

  const send = () => {
    const batch = pending;
    pending = [];
    // A result is missing only if `flush` breaks its promise; the caller must then not take it for a success.
    flush(batch.map(({ item }) => item)).then(
      (results) => batch.forEach(({ resolve }, index) => resolve(results[index] as Result)),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    );
  };

  return (item) =>
    new Promise((resolve, reject) => {
      pending.push({ item, resolve, reject });
      if (pending.length >= maxItems) send();
      else if (pending.length === 1) setImmediate(() => pending.length > 0 && send());
    });
}

interface Pending<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}
