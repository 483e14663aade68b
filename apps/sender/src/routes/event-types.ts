import { type ContractInfo, schemaOf } from "@hooks/sender";
import { pageParameters } from "../cursor.ts";
import { listRoute } from "../list-route.ts";
import { presentContract, presentWholeContract } from "../present.ts";
import { Refusal } from "../problem.ts";
import { defineRoute, type Route } from "../route.ts";
import type { RouteContext } from "../routes.ts";
import { object } from "../shape.ts";

/** The contracts that publishing enforces. */
export function eventTypeRoutes({ sender, cursors }: RouteContext): readonly Route[] {
  const contracts = Object.values(sender.contracts.eventTypes).toSorted(byType);
  const byName = new Map(contracts.map((contract) => [contract.type, contract]));
  const find = (type: string): ContractInfo => {
    const contract = byName.get(type);
    if (contract === undefined) throw new Refusal("event_type_not_found", "There is no such event type");
    return contract;
  };
  return [
    listRoute(
      {
        path: "/v1/event-types",
        operationId: "listEventTypes",
        summary: "List event types by name",
        schema: "EventType",
        query: object({}, pageParameters),
        load: async ({ limit, after = "" }) => contracts.filter(({ type }) => type > after).slice(0, limit),
        idOf: ({ type }) => type,
        present: presentContract,
      },
      cursors,
    ),
    defineRoute({
      method: "get",
      path: "/v1/event-types/{type}",
      operationId: "getEventType",
      summary: "Get an event type with the schema and examples of its newest version",
      success: { status: 200, description: "The event type", schema: "WholeEventType" },
      refusals: ["event_type_not_found"],
      handle: async ({ params }) => ({ status: 200, json: presentWholeContract(find(params.type)) }),
    }),
    defineRoute({
      method: "get",
      path: "/v1/event-types/{type}/versions/{version}",
      operationId: "getEventTypeVersion",
      summary: "Get a version of an event type with its schema",
      success: { status: 200, description: "The version", schema: "EventTypeVersion" },
      refusals: ["event_type_not_found", "version_not_found"],
      handle: async ({ params }) => ({ status: 200, json: versionOf(find(params.type), params.version) }),
    }),
  ];
}

function versionOf(contract: ContractInfo, version: string) {
  const { type, latest, versions, examples } = contract;
  if (!versions.includes(version)) throw new Refusal("version_not_found", "There is no such version");
  const isLatest = version === latest;
  return {
    type,
    version,
    isLatest,
    schema: schemaOf(contract, version),
    ...(isLatest ? { examples } : {}),
  };
}

function byType(one: ContractInfo, other: ContractInfo): number {
  return one.type < other.type ? -1 : 1;
}
