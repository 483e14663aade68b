import { isSelected } from "../../core/replay.ts";
import type { Count, CountPosition, CountRequest } from "../../store.ts";
import { rangeOf } from "../replaying.ts";
import type { Session, Statement } from "./database.ts";
import { text } from "./parameters.ts";
import { lookAt } from "./replay-look.ts";

/** $1 subscriber, $2 after which endpoint, $3 the only endpoint */
const NEXT_ENDPOINT: Statement = {
  name: "next_endpoint_of",
  text: `
    SELECT id FROM hooks.endpoints WHERE subscriber = $1 AND id > $2 AND ($3::text IS NULL OR id = $3::text)
    ORDER BY id LIMIT 1`,
};

/** Counts what a replay would send again, endpoint by endpoint. */
export async function countSelected(
  query: Session["query"],
  { filter, after, limit }: CountRequest,
): Promise<Count> {
  const { firstId } = rangeOf(filter);
  const { subscriber, endpoint: only } = filter;
  /** The beginning of the endpoint that comes next. */
  const positionAfter = async (endpoint: string): Promise<CountPosition | undefined> => {
    const values = [text(subscriber), endpoint, only === undefined ? null : text(only)];
    const [row] = await query(NEXT_ENDPOINT, values);
    return row === undefined ? undefined : { endpoint: String(row["id"]), id: firstId };
  };
  let position = after ?? (await positionAfter(""));
  let count = 0;
  let left = limit;
  while (position !== undefined && left > 0) {
    const { endpoint, id }: CountPosition = position;
    const looked = await lookAt(query, { filter, endpoint, afterId: id, limit: left });
    count += looked.filter((delivery) => isSelected(filter, delivery)).length;
    position =
      looked.length < left ? await positionAfter(endpoint) : { endpoint, id: looked.at(-1)?.id ?? id };
    // One that has nothing counts too: there may be many.
    left -= Math.max(1, looked.length);
  }
  return { count, ...(position === undefined ? {} : { after: position }) };
}
