import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { NextStep } from "../../../core/model.ts";
import type { NewEvent, Settlement, Store, TakenDelivery } from "../../../store.ts";
import { createBundle, T0 } from "../bundle.ts";

export const MARKERS = {
  body: "marker-of-the-body",
  rendition: "marker-of-the-rendition",
  secret: "whsec_marker-of-the-secret",
  clientKey: "marker-of-the-client-key",
  header: "marker-of-the-header",
  url: "marker-of-the-url",
  response: "marker-of-the-response",
};

/** Everything that has to stay secret, in every place where it can stand. Gives what has to be read again. */
export async function fill(store: Store, events = 3) {
  const bundle = createBundle(() => store);
  const endpoint = await bundle.addEndpoint({
    url: `https://example.com/${MARKERS.url}`,
    headers: { authorization: MARKERS.header },
    secrets: [{ value: MARKERS.secret, createdAtMs: T0 }],
    clientCertificate: { certificate: "a certificate", key: MARKERS.clientKey },
  });
  const other = await bundle.addEndpoint({ versions: { "invoice.paid": "2" } });
  const render: NewEvent["render"] = ({ versions }) =>
    versions["invoice.paid"] === undefined
      ? { kind: "own" }
      : {
          kind: "other",
          key: "2.0.0",
          version: "2.0.0",
          envelope: { before: `{"x":"${MARKERS.rendition.repeat(40)}"`, after: "}" },
        };
  const ids: string[] = [];
  for (let number = 0; number < events; number += 1) {
    const event = bundle.eventOf({
      envelope: { before: `{"x":"${MARKERS.body} ${number} ${"-".repeat(800)}"`, after: "}" },
      render,
      idempotency: { key: `key ${randomBytes(6).toString("hex")}`, digest: "d" },
    });
    ids.push(event.id);
    await store.publish([event], T0);
  }
  const { owned } = await bundle.lease("w1");
  const { deliveries } = await bundle.take("w1", owned, { room: 100 });
  const settlements = deliveries
    .slice(0, 2)
    .map((delivery, index) =>
      answered(
        delivery,
        index === 0 ? { state: "scheduled", dueMs: T0 } : { state: "dead", reason: "attempts_exhausted" },
      ),
    );
  await store.settle({ settlements, health: [], finishedBatches: [], nowMs: T0 });
  await store.release("w1");
  return { bundle, endpoint, other, ids, answered: settlements.map(({ delivery }) => delivery.id) };
}

export function answered(delivery: TakenDelivery, next: NextStep): Settlement {
  return {
    delivery,
    attempt: {
      delivery: delivery.id,
      number: delivery.attempts + 1,
      startedAtMs: T0,
      durationMs: 1,
      outcome: "http_status",
      status: 500,
      response: `${MARKERS.response} `.repeat(30),
    },
    next,
  };
}

type Filled = Awaited<ReturnType<typeof fill>>;

export async function expectReadable(store: Store, { endpoint, ids, answered }: Filled) {
  expect(await store.getEndpoint(endpoint.id)).toEqual(endpoint);
  for (const [number, id] of ids.entries()) {
    const event = await store.getEvent(id);
    expect(Buffer.from(event?.body ?? []).toString()).toContain(`${MARKERS.body} ${number} `);
  }
  for (const id of answered) {
    expect(Buffer.from((await store.getSent(id))?.body ?? []).toString()).toContain("marker-of-the-");
    const [attempt] = await store.listAttempts(id);
    expect(attempt?.response).toContain(MARKERS.response);
  }
}
