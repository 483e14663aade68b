import { createHmac, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { request } from "undici";
import type { Answered } from "./ledger.ts";

/** One request as GitHub makes it, and what it is in the demo. */
export interface GithubRequest {
  /** `x-github-delivery`: a repeat has that of its original. */
  readonly id: string;
  readonly name: string;
  readonly body: string;
  readonly request: "first" | "repeat" | "forgery";
}

/** What the package holds; its own types need another package for no more than this. */
type Definitions = readonly { readonly name: string; readonly examples: readonly unknown[] }[];

/** Every seventh payload comes twice, and after every 25th there is a forgery. */
const repeatEvery = 7;
const forgeEvery = 25;

/** Everything to send, real payloads that GitHub's users have contributed; each list is sent in order. */
export function planGithubRequests(): readonly (readonly GithubRequest[])[] {
  const definitions: Definitions = createRequire(import.meta.url)("@octokit/webhooks-examples");
  // A `ping` is about the webhook itself: the gateway answers it and forwards nothing.
  const events = definitions.filter(({ name }) => name !== "ping");
  const payloads = events.flatMap(({ name, examples }) =>
    examples.map((example) => ({ name, body: JSON.stringify(example) })),
  );
  return payloads.map((payload, index) => {
    const first = { ...payload, id: randomUUID(), request: "first" } as const;
    const repeat = { ...first, request: "repeat" } as const;
    const forgery = { ...payload, id: randomUUID(), request: "forgery" } as const;
    return [
      first,
      ...((index + 1) % repeatEvery === 0 ? [repeat] : []),
      ...((index + 1) % forgeEvery === 0 ? [forgery] : []),
    ];
  });
}

export interface GithubTarget {
  readonly url: string;
  readonly secret: string;
}

/** Sends one request and tells what it was answered. */
export async function sendGithubRequest(target: GithubTarget, sent: GithubRequest): Promise<Answered> {
  const { id, name, body } = sent;
  const secret = sent.request === "forgery" ? "a guess" : target.secret;
  const { statusCode, body: answer } = await request(target.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/demo",
      "x-github-event": name,
      "x-github-delivery": id,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
    body,
  });
  // Receipts and problems are both JSON objects; only receipts have this member.
  const { duplicate } = (await answer.json()) as { readonly duplicate?: boolean };
  return {
    kind: "answered",
    flow: "GitHub payloads",
    id,
    request: sent.request,
    status: statusCode,
    duplicate,
  };
}
