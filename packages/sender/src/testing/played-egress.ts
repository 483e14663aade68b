import type { Egress, EgressRequest, EgressResult } from "@hooks/egress";
import type { SentRequest } from "../testing.ts";
import type { SendRequest, Transport } from "../transport.ts";
import { createScript, outcomeOf, type Script, type TestAnswers } from "./answers.ts";
import type { Activity } from "./activity.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface PlayedEgressOptions {
  readonly time: VirtualTime;
  readonly activity: Activity;
  /** Judges URLs. */
  readonly real: Pick<Egress, "checkUrl" | "close" | "destroy">;
  /** Resolves when the test lets requests go. */
  readonly opened: () => Promise<void>;
}

/** Endpoints that answer as the test says, and what they were sent. */
export interface PlayedEgress {
  readonly sent: readonly SentRequest[];
  /** Endpoints that the test has named. */
  readonly named: ReadonlySet<string>;
  respond(endpoint: string, answers: TestAnswers): void;
  /** Sends by `transport`, which is made with the egress. */
  readonly egress: Egress;
  watch(transport: Transport): Transport;
}

const WELL: Script = () => 200;

export function createPlayedEgress({ time, activity, real, opened }: PlayedEgressOptions): PlayedEgress {
  const sent: SentRequest[] = [];
  const scripts = new Map<string, Script>();
  let sending: SendRequest | undefined;

  const request = async (asked: EgressRequest): Promise<EgressResult> => {
    // A transport signs and asks in one turn.
    const origin = sending;
    if (origin === undefined) throw new Error("Only the transport of the test's sender asks");
    if (asked.isWanted?.() === false)
      return { kind: "failed", reason: "unwanted", message: "Not wanted any more", durationMs: 0 };
    const body = Buffer.from(asked.body ?? "");
    const one: SentRequest = {
      endpoint: origin.endpoint.id,
      url: asked.url,
      headers: asked.headers,
      body,
      // Bodies are envelopes.
      event: JSON.parse(body.toString()) as SentRequest["event"],
      sentAtMs: time.now(),
    };
    sent.push(one);
    const answer = (scripts.get(origin.endpoint.id) ?? WELL)(one);
    const result = outcomeOf(answer, asked.timeoutMs);
    if (result.durationMs > 0)
      await new Promise<void>((resolve) => void time.after(result.durationMs, resolve));
    return activity.during(async () => result);
  };

  return {
    sent,
    get named() {
      return new Set(scripts.keys());
    },
    respond: (endpoint, answers) => void scripts.set(endpoint, createScript(answers)),
    egress: { ...real, request },
    watch: (transport) => ({
      ...transport,
      async send(asked) {
        await opened();
        sending = asked;
        const result = transport.send(asked);
        sending = undefined;
        return result;
      },
    }),
  };
}
