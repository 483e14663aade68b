import { type Answered, type Diagnosis, type Outcome, refuse } from "./outcome.ts";
import type { Passage } from "./pipeline.ts";

export interface Question {
  readonly stage: "unverified" | "verified";
  readonly body: Uint8Array;
  /** Which secret verified the request. */
  readonly keyIndex?: number;
}

/** Answers a request that is a question of the provider's; `undefined` when it is none. Never rejects. */
export async function challenge(
  { way, source, request, url }: Passage,
  { stage, ...question }: Question,
): Promise<Outcome | undefined> {
  const { method, headers } = request;
  const answer = await source.handshake({ method, headers, url: url ?? "/", ...question }, stage);
  switch (answer.kind) {
    case "none":
      return undefined;
    case "respond":
      return answered(answer);
    case "refuse":
      return refuse("challenge_failed", { status: answer.status, hint: answer.hint });
    case "confirm": {
      const { fetchKey } = source;
      if (fetchKey === undefined) return refuse("challenge_failed", { hint: "The source has no fetchKey." });
      try {
        await fetchKey({ url: answer.url });
      } catch (error) {
        // The provider asks again.
        return refuse("challenge_failed", { status: 503, error, hint: "The link could not be followed." });
      }
      return answered(answer.respond);
    }
    case "secret":
      if (way.onSecret === undefined) {
        return refuse("challenge_failed", { hint: "There is nobody to show the provider's secret to." });
      }
      try {
        await way.onSecret(source.name, answer.secret);
      } catch (error) {
        return refuse("challenge_failed", { status: 503, error, hint: "The secret could not be kept." });
      }
      return answered(answer.respond);
  }
}

function answered({ status, headers, body }: Answered["response"]): Diagnosis & Answered {
  return {
    kind: "answered",
    response: { status, headers: { "cache-control": "no-store", ...headers }, body },
  };
}
