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
    yield compare(`verify ${scheme}`, nodeRefusals(scheme), samples);
    yield compare(`web verify ${scheme}`, await webRefusals(scheme), 20_000);
  }
  yield compare("provider github", githubRefusals(), 100_000);
}

/** Refuses one request or the other. */
interface Refusals {
  readonly first: () => unknown;
  readonly last: () => unknown;
}

function compare(name: string, refusals: Refusals, samples: number): Comparison {
  const limit: Contender = { name: "what would be a difference", measure: () => largestT, target: 1 };
  return {
    name,
    unit: "|t|",
    better: "lower",
    rounds: 5,
    ours: { name: "first or last byte wrong", measure: () => welch(refusals, samples) },
    others: [limit, { name: "stopping at the first (control)", measure: () => welch(control(), samples) }],
  };
}

const id = "evt_01JD3Q4ZK8N5V6W7X8Y9Z0A1B2";
const body = Buffer.from(JSON.stringify({ type: "invoice.paid", note: "x".repeat(100) }));
const timestamp = new Date();

function requests(scheme: SchemeId) {
  const secret = generateSecret(scheme);
  const headers = sign({ id, timestamp, body, keys: [secret] });
  const [name = "", text = ""] = headers["webhook-signature"].split(",");
  const forged = (at: number) => ({
    headers: { ...headers, "webhook-signature": `${name},${wrongAt(text, at).toString("base64")}` },
    body,
  });
  // Of ed25519's 64 bytes the first half, which is compared; the second is a number that is multiplied with.
  return { first: forged(0), last: forged(31), shown: scheme === "v1" ? secret : publicKeyOf(secret) };
}

function wrongAt(text: string, at: number): Buffer {
  const bytes = Buffer.from(text, "base64");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

function nodeRefusals(scheme: SchemeId): Refusals {
  const { first, last, shown } = requests(scheme);
  const keys = [parseVerifyingKey(shown)];
  return {
    first: () => refused(verify({ ...first, keys, now: timestamp })),
    last: () => refused(verify({ ...last, keys, now: timestamp })),
  };
}

async function webRefusals(scheme: SchemeId): Promise<Refusals> {
  const { first, last, shown } = requests(scheme);
  const keys = [await web.parseVerifyingKey(shown)];
  return {
    first: async () => refused(await web.verify({ ...first, keys, now: timestamp })),
    last: async () => refused(await web.verify({ ...last, keys, now: timestamp })),
  };
}

function githubRefusals(): Refusals {
  const secret = "It's a Secret to Everybody";
  const genuine = createHmac("sha256", secret).update(body).digest("base64");
  const { verify } = prepareProvider("github", { secrets: [secret] });
  const headers = (at: number) => ({
    "x-hub-signature-256": `sha256=${wrongAt(genuine, at).toString("hex")}`,
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-github-event": "push",
  });
  const [first, last] = [headers(0), headers(31)];
  return {
    first: () => refused(verify({ headers: first, body })),
    last: () => refused(verify({ headers: last, body })),
  };
}

/** How not to do it. */
function control(): Refusals {
  const key = createSecretKey(randomBytes(32));
  const right = () => createHmac("sha256", key).update(body).digest("base64");
  const [first, last] = [wrongAt(right(), 0).toString("base64"), wrongAt(right(), 31).toString("base64")];
  return { first: () => isEqual(right(), first), last: () => isEqual(right(), last) };
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
async function welch({ first, last }: Refusals, samples: number): Promise<number> {
  const times: readonly [number[], number[]] = [[], []];
  for (let count = 0; count < 2 * samples; count++) {
    const which = Math.random() < 0.5 ? 0 : 1;
    const operation = which === 0 ? first : last;
    const start = performance.now();
    const result = operation();
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
