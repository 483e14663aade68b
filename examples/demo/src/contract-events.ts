import { randomUUID } from "node:crypto";
import { contracts } from "@hooks/contracts/producer";
import type { EventToPublish } from "./sender-api.ts";

type Example = Omit<EventToPublish, "id">;

/** Every example of every contract, without those about the delivering itself: only the sender publishes these. */
export const examples: readonly Example[] = Object.values(contracts.eventTypes)
  .filter(({ group }) => group !== "operations")
  .flatMap(({ type, examples }) => examples.map((data) => ({ type, data })));

/** The example of a turn as a new event; the turns go round. */
export function newEvent(turn: number): EventToPublish {
  const { type = "", data } = examples[turn % examples.length] ?? {};
  return { id: `evt_${randomUUID().replaceAll("-", "")}`, type, data };
}
