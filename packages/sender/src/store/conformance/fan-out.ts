import { describe, expect, it } from "vitest";
import { type Bundle, T0 } from "./bundle.ts";

/** A time in which an endpoint took what was published: for certain, and perhaps, as far as whoever asked for it knows. */
interface Span {
  readonly endpoint: string;
  readonly subscriber: string;
  readonly perhapsFrom: number;
  readonly certainFrom: number;
  certainTo: number;
  perhapsTo: number;
}

interface PublishedEvent {
  readonly id: string;
  readonly subscriber: string | undefined;
  readonly begun: number;
  readonly answered: number;
}

const SUBSCRIBERS = ["sub_a", "sub_b"] as const;
const CHANGERS = 4;
const CHANGES = 8;
const PUBLISHERS = 3;

export function describeFanOut(bundle: Bundle): void {
  /** Counts upwards: what has a smaller number came before. */
  let time = 0;
  const tick = () => (time += 1);

  /** Makes an endpoint, has it take something else for a while, and removes it, again and again. */
  const change = async (subscriber: string, spans: Span[]): Promise<void> => {
    const during = async (begin: () => Promise<string>, end: (endpoint: string) => Promise<unknown>) => {
      const perhapsFrom = tick();
      const endpoint = await begin();
      const span: Span = {
        endpoint,
        subscriber,
        perhapsFrom,
        certainFrom: tick(),
        certainTo: Infinity,
        perhapsTo: Infinity,
      };
      spans.push(span);
      // Something may be published meanwhile.
      await bundle.store.listEvents({ limit: 1 });
      span.certainTo = tick();
      await end(endpoint);
      span.perhapsTo = tick();
    };
    for (let count = 0; count < CHANGES; count += 1) {
      let endpoint = await bundle.addEndpoint({ subscriber, eventTypes: ["order.created"] });
      const take = async (...eventTypes: readonly string[]) => {
        endpoint = { ...endpoint, eventTypes, revision: endpoint.revision + 1 };
        expect(await bundle.store.changeEndpoint(endpoint)).toBe(true);
        return endpoint.id;
      };
      await during(
        () => take("invoice.*"),
        () => take("order.created"),
      );
      await during(
        () => take("invoice.paid", "order.created"),
        () => bundle.store.removeEndpoint(endpoint.id, T0),
      );
    }
  };

  const publish = async (events: PublishedEvent[], isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      const subscriber = [...SUBSCRIBERS, undefined][events.length % 3];
      const event = bundle.eventOf({ isFresh: true, ...(subscriber === undefined ? {} : { subscriber }) });
      const begun = tick();
      expect(await bundle.store.publish([event], T0)).toMatchObject([{ kind: "published" }]);
      events.push({ id: event.id, subscriber, begun, answered: tick() });
    }
  };

  describe("fan-out", () => {
    it("reaches all who take an event while it is published, and nobody else, while that changes", async () => {
      const spans: Span[] = [];
      const events: PublishedEvent[] = [];
      for (const subscriber of SUBSCRIBERS)
        await bundle.store.addSubscriber({ id: subscriber, name: subscriber, createdAtMs: T0 });
      let changing = CHANGERS;
      const changers = Array.from({ length: CHANGERS }, (_, index) =>
        change(SUBSCRIBERS[index % 2] ?? "", spans).finally(() => (changing -= 1)),
      );
      const publishers = Array.from({ length: PUBLISHERS }, () => publish(events, () => changing === 0));
      await Promise.all([...changers, ...publishers]);

      const faults: string[] = [];
      let reached = 0;
      for (const { id, subscriber, begun, answered } of events) {
        const made = await bundle.store.listDeliveries({ limit: 1_000, event: id });
        const endpoints = new Set(made.map(({ endpoint }) => endpoint));
        if (endpoints.size < made.length) faults.push(`${id} goes to somebody twice`);
        reached += made.length;
        const ofIt = spans.filter((span) => subscriber === undefined || span.subscriber === subscriber);
        for (const { endpoint, certainFrom, certainTo } of ofIt)
          if (certainFrom < begun && answered < certainTo && !endpoints.has(endpoint))
            faults.push(`${id} did not reach ${endpoint}`);
        for (const endpoint of endpoints) {
          const isPossible = ofIt.some(
            (span) => span.endpoint === endpoint && span.perhapsFrom < answered && begun < span.perhapsTo,
          );
          if (!isPossible) faults.push(`${id} reached ${endpoint}`);
        }
      }
      expect(faults).toEqual([]);
      expect(reached).toBeGreaterThan(CHANGERS * CHANGES);
    });
  });
}
