import { createHash, createHmac } from "node:crypto";
import type { Handshake, HandshakeAnswer, HandshakeProof, HandshakeRequest } from "./handshake.ts";
import { type HandshakeContext, planHandshake } from "./plan.ts";

/** What a provider's handshakes are answered with. */
export interface AnswerHandshakeOptions extends HandshakeContext {
  /** As the provider shows them. */
  readonly secrets: readonly string[];
}

/** Answers a handshake, or says that the request is none. Nothing in a request makes it throw. */
export function answerHandshake(
  handshakes: readonly Handshake[],
  request: HandshakeRequest,
  { secrets, ...context }: AnswerHandshakeOptions,
): HandshakeAnswer {
  const plan = planHandshake(handshakes, request, context);
  if (plan.kind === "answer") return plan.answer;
  const secret = secrets[request.keyIndex ?? 0];
  if (secret === undefined && plan.proof.key !== "none")
    return { kind: "refuse", status: 503, hint: "Expected at least one secret to prove ownership with." };
  return plan.finish(prove(plan.proof, plan.message, secret ?? ""));
}

function prove({ digest, key, encoding }: HandshakeProof, message: string, secret: string): string {
  switch (key) {
    case "none":
      return createHash(digest).update(message).digest(encoding);
    case "secret":
      return createHmac(digest, secret).update(message).digest(encoding);
    case "secret-sha1":
      return createHmac(digest, createHash("sha1").update(secret).digest()).update(message).digest(encoding);
  }
}
