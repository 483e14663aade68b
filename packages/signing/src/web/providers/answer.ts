import { encodeBase64 } from "../../base64.ts";
import type { AnswerHandshakeOptions } from "../../handshake/answer.ts";
import type {
  Handshake,
  HandshakeAnswer,
  HandshakeProof,
  HandshakeRequest,
} from "../../handshake/handshake.ts";
import { planHandshake } from "../../handshake/plan.ts";
import { hexOf, utf8Bytes } from "../../providers/bytes.ts";
import { hashNames } from "./matchers.ts";

/** Answers a handshake, or says that the request is none. Nothing in a request makes it reject. */
export async function answerHandshake(
  handshakes: readonly Handshake[],
  request: HandshakeRequest,
  { secrets, ...context }: AnswerHandshakeOptions,
): Promise<HandshakeAnswer> {
  const plan = planHandshake(handshakes, request, context);
  if (plan.kind === "answer") return plan.answer;
  const secret = secrets[request.keyIndex ?? 0];
  if (secret === undefined && plan.proof.key !== "none")
    return { kind: "refuse", status: 503, hint: "Expected at least one secret to prove ownership with." };
  return plan.finish(await prove(plan.proof, plan.message, secret ?? ""));
}

async function prove(
  { digest, key, encoding }: HandshakeProof,
  message: string,
  secret: string,
): Promise<string> {
  const hash = hashNames[digest];
  const bytes = utf8Bytes(message);
  const proof =
    key === "none" ? crypto.subtle.digest(hash, bytes) : sign(hash, await keyOf(key, secret), bytes);
  const made = new Uint8Array(await proof);
  return encoding === "hex" ? hexOf(made) : encodeBase64(made);
}

async function keyOf(key: "secret" | "secret-sha1", secret: string): Promise<BufferSource> {
  const bytes = utf8Bytes(secret);
  return key === "secret" ? bytes : crypto.subtle.digest("SHA-1", bytes);
}

async function sign(hash: string, secret: BufferSource, message: BufferSource): Promise<ArrayBuffer> {
  const algorithm = { name: "HMAC", hash };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return crypto.subtle.sign(algorithm, key, message);
}

type BufferSource = ArrayBuffer | Uint8Array<ArrayBuffer>;
