import type { InnerList, Parameters } from "structured-headers";
import type * as StructuredHeaders from "structured-headers";
import { createHeaderReader } from "../headers.ts";
import { type Refusal, refuse } from "../reason.ts";
import { checkTimestamp } from "../window.ts";
import type { AdapterOptions, AdapterRequest, Attest } from "./adapter.ts";
import { type MessageKey, parseMessageKey } from "./message-key.ts";
import type { HttpMessageSignatureProvider } from "./provider.ts";
import { coveredNames, parseDictionary, signatureBase } from "./signature-base.ts";

/** What of a row says how its messages are signed. */
export type MessagePolicy = Omit<HttpMessageSignatureProvider, "id" | "kind" | "documentation" | "event">;

const maxSignatures = 10;
const headerNames = ["signature-input", "signature", "content-digest"] as const;

/**
 * Reads a row of RFC 9421. A signature counts when it covers the digest of the body and what the row asks for; the body
 * is hashed anew. Needs the package `structured-headers`, which is loaded at the first request.
 *
 * @throws KeyError for a secret that is no key.
 */
export function createHttpMessageAttest(policy: MessagePolicy, options: AdapterOptions): Attest {
  const keys = options.secrets.map((secret) => parseMessageKey(secret, policy));
  const toleranceSeconds = options.toleranceSeconds ?? policy.toleranceSeconds ?? 300;
  const reader = createHeaderReader(headerNames);
  return async (request) => {
    if (keys.length === 0) return refuse("key_unavailable", "Expected at least one secret to verify with.");
    const values = readHeaders(reader.read(request.headers));
    if ("ok" in values) return values;
    const library = await loadLibrary();
    const candidates = findCandidates(library, values, policy);
    if ("ok" in candidates) return candidates;
    if (!(await isDigestOf(request.body, parseDictionary(library, values.digest)))) {
      return refuse(
        "no_matching_key",
        "The body is not the one whose digest was signed, or the digest is none.",
      );
    }
    const context: Context = { library, request, keys, toleranceSeconds };
    const outcomes = await Promise.all(candidates.map((candidate) => attestOne(candidate, context)));
    const [first = refuse("malformed_header", "Expected a signature.")] = outcomes;
    return outcomes.find(({ ok }) => ok) ?? first;
  };
}

interface HeaderValues {
  readonly input: string;
  readonly signature: string;
  readonly digest: string;
}

function readHeaders(values: readonly (string | undefined | null)[]): HeaderValues | Refusal {
  for (const [index, name] of headerNames.entries()) {
    if (values[index] === undefined) return refuse("missing_header", `Expected the header ${name}.`);
    if (values[index] === null)
      return refuse("malformed_header", `Expected the header ${name} exactly once.`);
  }
  const [input, signature, digest] = values;
  return { input: input ?? "", signature: signature ?? "", digest: digest ?? "" };
}

interface Candidate {
  readonly input: InnerList;
  readonly signature: ArrayBuffer;
}

/** The signatures that cover enough to say something about the body. */
function findCandidates(
  library: typeof StructuredHeaders,
  values: HeaderValues,
  { components }: MessagePolicy,
): readonly Candidate[] | Refusal {
  const inputs = parseDictionary(library, values.input);
  const signatures = parseDictionary(library, values.signature);
  if (inputs === undefined || signatures === undefined || inputs.size > maxSignatures) {
    return refuse("malformed_header", "Expected signature and signature-input as dictionaries of RFC 9651.");
  }
  const needed = ["content-digest", ...components];
  const candidates: Candidate[] = [];
  for (const [label, input] of inputs) {
    const [signature] = signatures.get(label) ?? [];
    if (!library.isInnerList(input) || !isCanonical(library, signature, values.signature)) {
      return refuse("malformed_header", "Expected each signature-input to have its signature in base64.");
    }
    const covered = coveredNames(input);
    if (needed.every((name) => isCovered(name, covered))) candidates.push({ input, signature });
  }
  if (candidates.length > 0) return candidates;
  return refuse("malformed_header", `Expected a signature that covers ${needed.join(", ")}.`);
}

/** The parts of a URL that together say what it says. */
const targetParts = ["@authority", "@path", "@query"];

function isCovered(name: string, covered: ReadonlySet<string>): boolean {
  return covered.has(name) || (name === "@target-uri" && targetParts.every((part) => covered.has(part)));
}

/** The parser takes base64 with unused bits set: another text for the same signature. */
function isCanonical(
  library: typeof StructuredHeaders,
  signature: unknown,
  header: string,
): signature is ArrayBuffer {
  return signature instanceof ArrayBuffer && header.includes(library.serializeByteSequence(signature));
}

const digests: Readonly<Record<string, string>> = { "sha-256": "SHA-256", "sha-512": "SHA-512" };

/** RFC 9530: every digest that is understood must be right, and one must be there. */
async function isDigestOf(
  body: Uint8Array,
  dictionary: StructuredHeaders.Dictionary | undefined,
): Promise<boolean> {
  let isChecked = false;
  for (const [name, member] of dictionary ?? []) {
    const algorithm = Object.hasOwn(digests, name) ? digests[name] : undefined;
    if (algorithm === undefined) continue;
    const [given] = member;
    const right = new Uint8Array(await crypto.subtle.digest(algorithm, new Uint8Array(body)));
    if (!(given instanceof ArrayBuffer) || !isSame(right, new Uint8Array(given))) return false;
    isChecked = true;
  }
  return isChecked;
}

function isSame(right: Uint8Array, given: Uint8Array): boolean {
  return right.length === given.length && right.every((byte, index) => byte === given[index]);
}

interface Context {
  readonly library: typeof StructuredHeaders;
  readonly request: AdapterRequest;
  readonly keys: readonly MessageKey[];
  readonly toleranceSeconds: number;
}

async function attestOne({ input, signature }: Candidate, context: Context) {
  const { library, request, keys } = context;
  const [, parameters] = input;
  const late = checkTimes(parameters, context);
  if (late !== undefined) return late;
  const base = signatureBase({ library, request }, input);
  if (base === undefined) {
    return refuse(
      "malformed_header",
      "Expected every covered component to be in the request, once, on one line.",
    );
  }
  const stated = parameters.get("alg");
  const fitting = keys.map(({ algorithm }) => stated === undefined || stated === algorithm);
  if (!fitting.includes(true)) {
    return refuse("unknown_scheme", "Expected the algorithm of a configured key in the parameter alg.");
  }
  const bytes = new TextEncoder().encode(base);
  const matches = await Promise.all(
    keys.map((key, index) => fitting[index] === true && key.verify(bytes, signature)),
  );
  const keyIndex = matches.indexOf(true);
  if (keyIndex < 0) return refuse("no_matching_key", "The signature was not made with a configured key.");
  const timestamp = Number(parameters.get("created"));
  return { ok: true, keyIndex, covered: "signature", timestamp, fields: fieldsOf(parameters) } as const;
}

function checkTimes(parameters: Parameters, { request, toleranceSeconds }: Context): Refusal | undefined {
  const created = parameters.get("created");
  const expires = parameters.get("expires");
  if (!isTime(created) || (expires !== undefined && !isTime(expires))) {
    return refuse("malformed_header", "Expected the parameter created (and expires) as Unix seconds.");
  }
  const late = checkTimestamp(created, { now: request.nowSeconds, toleranceSeconds });
  if (late !== undefined) return late;
  if (expires !== undefined && request.nowSeconds > expires) {
    return refuse("timestamp_too_old", `The signature expired ${request.nowSeconds - expires} s ago.`);
  }
  return undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 999_999_999_999;
}

function fieldsOf(parameters: Parameters): Readonly<Record<string, string>> {
  const fields = ["nonce", "keyid", "tag"].flatMap((name) => {
    const value = parameters.get(name);
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(fields);
}

let loading: Promise<typeof StructuredHeaders> | undefined;

function loadLibrary(): Promise<typeof StructuredHeaders> {
  loading ??= import("structured-headers").catch((cause: unknown) => {
    throw new TypeError(
      "Expected the package structured-headers, which reads RFC 9421: npm install structured-headers",
      { cause },
    );
  });
  return loading;
}
