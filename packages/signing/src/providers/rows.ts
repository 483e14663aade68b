import type { Provider, SyncProvider } from "./provider.ts";
import { adapterRows } from "./rows/adapters.ts";
import { commerceRows } from "./rows/commerce.ts";
import { developerRows } from "./rows/developer.ts";
import { messagingRows } from "./rows/messaging.ts";
import { paymentRows } from "./rows/payments.ts";
import { standardRows } from "./rows/standard.ts";
import { tokenRows } from "./rows/token.ts";
import { workRows } from "./rows/work.ts";

const rows = [
  ...standardRows,
  ...paymentRows,
  ...commerceRows,
  ...developerRows,
  ...messagingRows,
  ...workRows,
  ...tokenRows,
  ...adapterRows,
];

type Row = (typeof rows)[number];

/** The providers known by name. */
export type ProviderId = Row["id"];

/** Those of them that are verified without waiting for anything. */
export type SyncProviderId = Extract<Row, { readonly kind: SyncProvider["kind"] }>["id"];

/** One row a provider, by its id. */
// The entries are the rows under their own ids, which the compiler cannot see.
export const providers = Object.fromEntries(rows.map((row) => [row.id, row])) as Readonly<
  Record<ProviderId, Provider>
>;
