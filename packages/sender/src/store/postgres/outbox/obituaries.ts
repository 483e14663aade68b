import type { Seals } from "../../seals.ts";
import { announceStep } from "../announcing.ts";
import type { Session, Statement, Step } from "../database.ts";
import { texts } from "../parameters.ts";
import { toEndpointToServe } from "../rows.ts";
import type { Kept } from "./deliveries.ts";

/** $1 ids */
const ENDPOINTS: Statement = {
  name: "endpoints_of_dead",
  text: `
    SELECT id AS endpoint, document, state, disabled_reason, revision, updated_ms FROM hooks.endpoints
    WHERE id = ANY ($1::text[])`,
};

/** Tells of deliveries that are dead from the start. */
export async function obituarySteps(
  query: Session["query"],
  kept: readonly Kept[],
  seals: Seals,
): Promise<readonly Step[]> {
  const dead = kept.flatMap(({ event, nowMs, deliveries }) =>
    event.announceDeath === undefined
      ? []
      : deliveries.flatMap(({ id, endpoint, rendition }) =>
          rendition.kind === "failed" ? [{ id, endpoint, reason: rendition.reason, event, nowMs }] : [],
        ),
  );
  if (dead.length === 0) return [];
  const rows = await query(ENDPOINTS, [texts([...new Set(dead.map(({ endpoint }) => endpoint))])]);
  const endpoints = new Map(rows.map((row) => [String(row["endpoint"]), toEndpointToServe(row, seals)]));
  return dead.flatMap(({ id, endpoint: name, reason, event, nowMs }) => {
    const endpoint = endpoints.get(name);
    const delivery = { id, event: event.id, eventType: event.type };
    const announcement =
      endpoint === undefined ? undefined : event.announceDeath?.({ delivery, reason, endpoint, nowMs });
    return announcement === undefined ? [] : [announceStep([announcement], nowMs)];
  });
}
