import type { BudgetOwner } from "./budget.ts";
import { createGateway, type Gateway, type Siblings } from "./gateway.ts";
import type { Answers, Question, ToPrimary, ToWorker } from "./ipc.ts";
import type { Log } from "./log.ts";

/** The channel to the primary process. */
export interface Primary {
  send(message: ToPrimary): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

export interface WorkerOptions {
  readonly log: Log;
  readonly primary: Primary;
  /** What is to be done when it cannot take requests. */
  readonly fail: (error: unknown) => void;
}

/** One of several processes that take requests: does what the primary process tells it. Gives how to end it. */
export function runWorker({ log, primary, fail }: WorkerOptions): () => Promise<void> {
  const ask = createAsk(primary);
  let gateway: Gateway | undefined;
  let last = Promise.resolve();
  const configure = async (told: Extract<ToWorker, { readonly kind: "configure" }>) => {
    const { id, config, sinceMs, processes } = told;
    if (gateway !== undefined) {
      // What the primary process could read, this one may still be unable to use; then it goes on as it was.
      const problem = await gateway.reload(config, sinceMs).then(() => undefined, String);
      primary.send({ kind: "configured", id, ...(problem === undefined ? {} : { problem }) });
      return;
    }
    const siblings: Siblings = {
      processes,
      openBudget: (owner: BudgetOwner) => ({
        take: (requests) => ask({ about: "budget", owner, requests }),
      }),
      snapshots: () => ask({ about: "snapshots" }),
      meet: (stage) => ask({ about: "drain", stage }),
    };
    gateway = await createGateway({ config, sinceMs, log, siblings });
    primary.send({ kind: "started", port: await gateway.start() });
  };
  primary.onMessage((message) => {
    switch (message.kind) {
      case "configure":
        last = last.then(() => configure(message)).catch(fail);
        break;
      case "collect":
        if (gateway !== undefined) {
          primary.send({ kind: "collected", id: message.id, snapshot: gateway.snapshot() });
        }
        break;
      case "answer":
        ask.answered(message.id, message.value);
    }
  });
  primary.send({ kind: "ready" });
  return async () => {
    await gateway?.stop();
  };
}

interface Ask {
  <Q extends Question>(question: Q): Promise<Answers[Q["about"]]>;
  answered(id: number, value: Answers[keyof Answers]): void;
}

function createAsk(primary: Primary): Ask {
  const waiting = new Map<number, (value: never) => void>();
  let last = 0;
  const ask = <Q extends Question>(question: Q): Promise<Answers[Q["about"]]> =>
    new Promise((resolve) => {
      const id = (last += 1);
      waiting.set(id, resolve);
      primary.send({ kind: "ask", id, ...question });
    });
  const answered = (id: number, value: Answers[keyof Answers]) => {
    // The primary process answers a question with what belongs to it.
    waiting.get(id)?.(value as never);
    waiting.delete(id);
  };
  return Object.assign(ask, { answered });
}
