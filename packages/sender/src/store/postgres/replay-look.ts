import type { Delivery } from "../../core/model.ts";
import type { ReplayFilter } from "../../core/replay.ts";
import { rangeOf } from "../replaying.ts";
import type { Session, Statement } from "./database.ts";
import { toFinished } from "../rows.ts";
import { deliveryColumns } from "./rows.ts";

/** $1 endpoint, $2 after which id, $3 before which id, $4 how many. Written out, so that each goes by its own index. */
function look(name: string, condition: string): Statement {
  return {
    name,
    text: `
      SELECT ${deliveryColumns("finished")} FROM hooks.finished
      WHERE endpoint = $1 AND id > $2 AND id < $3 AND ${condition} ORDER BY id LIMIT $4`,
  };
}

const STATEMENTS = {
  all: look("look_at_all", "true"),
  unsent: look("look_at_unsent", "state <> 'delivered'"),
};

export interface Look {
  readonly filter: ReplayFilter;
  readonly endpoint: string;
  readonly afterId: string;
  readonly limit: number;
}

/** What has come to its end of an endpoint and stands next in the range of a replay, selected or not. */
export async function lookAt(
  query: Session["query"],
  { filter, endpoint, afterId, limit }: Look,
): Promise<readonly (Delivery & { readonly rendition: string | null })[]> {
  const { lastId, isUnsent } = rangeOf(filter);
  const statement = isUnsent ? STATEMENTS.unsent : STATEMENTS.all;
  const rows = await query(statement, [endpoint, afterId, lastId, limit]);
  return rows.map((row) => ({
    ...toFinished(row),
    rendition: row["rendition"] === null ? null : String(row["rendition"]),
  }));
}
