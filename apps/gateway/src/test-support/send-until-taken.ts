import { setTimeout as pause } from "node:timers/promises";

/** What a test hears of an answer. */
export interface Answer {
  readonly status: number;
  /** Of a refusal. */
  readonly code: string | undefined;
}

/** Reads the answer to a `fetch`. */
export async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, code: codeIn(await response.text()) };
}

/** The code in the body of a refusal. */
export function codeIn(body: string): string | undefined {
  return /"code":"(\w+)"/.exec(body)?.[1];
}

/** Whether the inbox was too late: on a machine that stalls that is the right answer. */
export const isLate = ({ code }: Answer): boolean => code === "queue_unavailable";

const mostTries = 1_000;

/**
 * Sends again, as providers do, what the inbox was too late for; gives the status in the end. Such an event may have been
 * stored all the same, which the next try finds: that is a 202 here.
 */
export async function sendUntilTaken(send: () => Promise<Answer>): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const answer = await send();
    if (!isLate(answer) || tries === mostTries)
      return tries > 1 && answer.status === 200 ? 202 : answer.status;
    await pause(50);
  }
}
