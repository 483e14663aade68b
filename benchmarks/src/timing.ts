import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { generateSecret, parseVerifyingKey, publicKeyOf, type SchemeId, sign, verify } from "@hooks/signing";
import { prepareProvider } from "@hooks/signing/providers";
import * as web from "@hooks/signing/web";
import type { Comparison, Contender } from "./bench.ts";

/** |t| from here up is taken for a difference, as in dudect (Reparaz, Balasch, Verbauwhede, 2017). */
const largestT = 4.5;

/**
 * Whether the time to refuse a signature tells where it goes wrong: Welch's t of wrong-first-byte against wrong-last-byte,
 * in random order. Beside it a comparison that stops at the first difference, to show that one would be seen.
 */
export async function* timing(): AsyncGenerator<Comparison> {
  for (const [scheme, samples] of [
    ["v1", 100_000],
    ["v1a", 20_000],
  ] as const) {
    yield compare(`verify ${scheme}`, forgeForNode(scheme), samples);
    yield compare(`web verify ${scheme}`, await forgeForWeb(scheme), 20_000);
  }
  yield compare("provider github", forgeForGitHub(), 100_000);
}

/**
 * Makes a request whose signature is wrong at one byte, and gives what refuses it. Each is made anew: where its strings
 * lie in memory makes a difference too, and must fall on both sides alike.
 */
type Forge = (at: number) => () => unknown;

const firstByte = 0;
/** Of ed25519's 64 bytes this ends the first half, which is compared; the second is a number that is multiplied with. */
const lastByte = 31;

function compare(name: string, forge: Forge, samples: number): Comparison {
  const limit: Contender = { name: "what would be a difference", measure: () => largestT, target: 1 };
  return {
    name,
    unit: "|t|",
    better: "lower",
    rounds: 5,
    ours: { name: "first or last byte wrong", measure: () => welch(forge, samples) },
    others: [
      limit,
      { name: "stopping at the first (control)", measure: () => welch(forgeForControl, samples) },
    ],
  };
}

const id = "evt_01JD3Q4ZK8N5V6W7X8Y9Z0A1B2";
const body = Buffer.from(JSON.stringify({ type: "invoice.paid", note: "x".repeat(100) }));
const timestamp = new Date();

function forged(signature: Buffer, at: number): Buffer {
  const bytes = Buffer.from(signature);
  bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(255 * Math.random()));
  return bytes;
}

/** The headers of a request, forged at a byte, and the key they would be verified with. */
function forgeHeaders(scheme: SchemeId) {
  const secret = generateSecret(scheme);
  const headers = sign({ id, timestamp, body, keys: [secret] });
  const [name = "", text = ""] = headers["webhook-signature"].split(",");
  const signature = Buffer.from(text, "base64");
  return {
    shown: scheme === "v1" ? secret : publicKeyOf(secret),
    headersAt: (at: number) => ({
      ...headers,
      "webhook-signature": `${name},${forged(signature, at).toString("base64")}`,
    }),
  };
}

function forgeForNode(scheme: SchemeId): Forge {
  const { shown, headersAt } = forgeHeaders(scheme);
  const keys = [parseVerifyingKey(shown)];
  return (at) => {
    const headers = headersAt(at);
    return () => refused(verify({ headers, body, keys, now: timestamp }));
  };
}

async function forgeForWeb(scheme: SchemeId): Promise<Forge> {
  const { shown, headersAt } = forgeHeaders(scheme);
  const keys = [await web.parseVerifyingKey(shown)];
  return (at) => {
    const headers = headersAt(at);
    return async () => refused(await web.verify({ headers, body, keys, now: timestamp }));
  };
}

function forgeForGitHub(): Forge {
  const secret = "It's a Secret to Everybody";
  const signature = createHmac("sha256", secret).update(body).digest();
  const { verify } = prepareProvider("github", { secrets: [secret] });
  return (at) => {
    const headers = {
      "x-hub-signature-256": `sha256=${forged(signature, at).toString("hex")}`,
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-github-event": "push",
    };
    return () => refused(verify({ headers, body }));
  };
}

const controlKey = createSecretKey(randomBytes(32));

/** How not to do it. */
function forgeForControl(at: number): () => unknown {
  const given = forged(createHmac("sha256", controlKey).update(body).digest(), at).toString("base64");
  return () => isEqual(createHmac("sha256", controlKey).update(body).digest("base64"), given);
}

function isEqual(left: string, right: string): boolean {
  for (let index = 0; index < left.length; index++) {
    if (left.charCodeAt(index) !== right.charCodeAt(index)) return false;
  }
  return true;
}

function refused({ ok }: { readonly ok: boolean }): false {
  if (ok) throw new Error("Expected a forged request to be refused");
  return false;
}

/** |t| of the two, each done about `samples` times. What took longer than nine in ten is left out: it was interrupted. */
async function welch(forge: Forge, samples: number): Promise<number> {
  const times: readonly [number[], number[]] = [[], []];
  for (let count = 0; count < 2 * samples; count++) {
    const which = Math.random() < 0.5 ? 0 : 1;
    const refuse = forge(which === 0 ? firstByte : lastByte);
    const start = performance.now();
    const result = refuse();
    if (result instanceof Promise) await result;
    times[which].push(performance.now() - start);
  }
  const cut = times.flat().toSorted((left, right) => left - right)[Math.floor(1.8 * samples)] ?? 0;
  const [one, other] = times.map((values) => moments(values.filter((value) => value <= cut)));
  if (one === undefined || other === undefined) return Number.NaN;
  return Math.abs(one.mean - other.mean) / Math.sqrt(one.error + other.error);
}

/** The mean, and the square of its standard error. */
function moments(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: squares / (values.length - 1) / values.length };
}
