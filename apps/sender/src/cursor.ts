import { createHmac, timingSafeEqual } from "node:crypto";
import { Refusal } from "./problem.ts";
import { integerText, text } from "./shape.ts";

/** Where a list goes on, as a text that only this API can make and only the same list understands. */
export interface Cursors {
  write(list: string, after: string): string;
  /** Throws a `Refusal` for what `write` has not made for this list. */
  read(list: string, cursor: string): string;
}

const MAC_BYTES = 12;

/** Cursors stay good as long as `secret` stays the same. */
export function createCursors(secret: string): Cursors {
  const macOf = (list: string, after: string) =>
    createHmac("sha256", `cursor ${secret}`)
      .update(JSON.stringify([list, after]))
      .digest()
      .subarray(0, MAC_BYTES);
  return {
    write: (list, after) => Buffer.concat([macOf(list, after), Buffer.from(after)]).toString("base64url"),
    read(list, cursor) {
      const bytes = Buffer.from(cursor, "base64url");
      const after = bytes.subarray(MAC_BYTES).toString();
      const mac = bytes.subarray(0, MAC_BYTES);
      const isOurs =
        bytes.length > MAC_BYTES &&
        timingSafeEqual(mac, macOf(list, after)) &&
        bytes.toString("base64url") === cursor;
      if (isOurs) return after;
      throw new Refusal("invalid_cursor", "Expected the `next` of this list, with the same filters");
    },
  };
}

/** The query parameters of every list. */
export const pageParameters = {
  limit: integerText({ min: 1, max: 100 }),
  cursor: text({ max: 1_024 }),
};

export interface Listing<T, F> {
  readonly cursors: Cursors;
  /** The route's operationId. */
  readonly list: string;
  readonly query: F & { readonly limit?: number; readonly cursor?: string };
  /** At most `limit` of them that come after the one with the id `after`. */
  readonly load: (
    page: Omit<F, "limit" | "cursor"> & { readonly limit: number; readonly after?: string },
  ) => Promise<readonly T[]>;
  readonly idOf: (item: T) => string;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const DEFAULT_LIMIT = 25;

/** One page, and the cursor of the next when there is one. */
export async function listPage<T, F extends object>({
  cursors,
  list,
  query: { limit = DEFAULT_LIMIT, cursor, ...filter },
  load,
  idOf,
}: Listing<T, F>): Promise<Listed<T>> {
  const name = `${list} ${JSON.stringify(Object.entries(filter).toSorted())}`;
  const page = cursor === undefined ? {} : { after: cursors.read(name, cursor) };
  // One more than asked for tells whether there is a next page.
  const found = await load({ ...filter, ...page, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, next: hasMore ? cursors.write(name, idOf(last)) : null };
}
