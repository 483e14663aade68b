import { type Answered, type Fact, type Flow, judge, type Verdict } from "./ledger.ts";

/** The facts of a run as they come in. */
export interface FactRecord {
  sent(flow: Flow, id: string): void;
  arrived(flow: Flow, id: string): void;
  answered(fact: Answered): void;
  unexpected(text: string): void;
  hasArrived(id: string): boolean;
  /** Events that were sent, and of these, how many have arrived. */
  count(): { readonly sent: number; readonly arrived: number };
  verdict(): Verdict;
}

export function createFactRecord(clock: () => number): FactRecord {
  const facts: Fact[] = [];
  const sent = new Set<string>();
  const arrived = new Set<string>();
  return {
    sent: (flow, id) => {
      sent.add(id);
      facts.push({ kind: "sent", flow, id, atMs: clock() });
    },
    arrived: (flow, id) => {
      if (sent.has(id)) arrived.add(id);
      facts.push({ kind: "arrived", flow, id, atMs: clock() });
    },
    answered: (fact) => void facts.push(fact),
    unexpected: (text) => void facts.push({ kind: "unexpected", text }),
    hasArrived: (id) => arrived.has(id),
    count: () => ({ sent: sent.size, arrived: arrived.size }),
    verdict: () => judge(facts),
  };
}
