import { gunzipSync, inflateSync, brotliDecompressSync } from "node:zlib";
import type { Attempt } from "./attempt.ts";
import type { Cause, Hypothesis } from "./hypothesis.ts";
import { rewriteNumbers } from "./json-numbers.ts";
import { readJsonText, writeJsonText, type JsonNode, type JsonStyle } from "./json-text.ts";

/** Bodies that the one at hand may have been made of, with what was done to them. */
export function* bodyHypotheses(attempt: Attempt): Iterable<Hypothesis> {
  const seen = new Set([attempt.body.toString("latin1")]);
  for (const { cause, detail, body } of candidatesOf(attempt.body)) {
    const key = body.toString("latin1");
    if (seen.has(key)) continue;
    seen.add(key);
    yield { cause, detail, attempt: { ...attempt, body } };
  }
}

interface Candidate {
  readonly cause: Cause;
  readonly detail: string;
  readonly body: Buffer;
}

function* candidatesOf(body: Buffer): Iterable<Candidate> {
  yield* endings(body);
  yield* marks(body);
  yield* encodings(body);
  yield* charsets(body);
  yield* wrappings(body);
  yield* reserialised(body);
}

const lineFeed = Buffer.from("\n");
const carriageReturn = Buffer.from("\r\n");

function* endings(body: Buffer): Iterable<Candidate> {
  const text = body.toString("latin1");
  const cause = "trailing_newline";
  const bare = text.replace(/(?:\r?\n)+$/, "");
  const one = text.replace(/\r?\n$/, "");
  yield { cause, detail: "A line break was added at the end of the body.", body: Buffer.from(one, "latin1") };
  yield {
    cause,
    detail: "Line breaks were added at the end of the body.",
    body: Buffer.from(bare, "latin1"),
  };
  const lost = "The line break at the end of the body was lost";
  yield { cause, detail: `${lost} (\\n).`, body: Buffer.concat([body, lineFeed]) };
  yield { cause, detail: `${lost} (\\r\\n).`, body: Buffer.concat([body, carriageReturn]) };
  yield {
    cause,
    detail: "White space around the body was added.",
    body: Buffer.from(text.trim(), "latin1"),
  };
  const unix = text.replaceAll("\r\n", "\n");
  const changed = "line_endings";
  yield { cause: changed, detail: "Line breaks \\n became \\r\\n.", body: Buffer.from(unix, "latin1") };
  yield {
    cause: changed,
    detail: "Line breaks \\r\\n became \\n.",
    body: Buffer.from(unix.replaceAll("\n", "\r\n"), "latin1"),
  };
  yield {
    cause: changed,
    detail: "Line breaks \\r\\n became \\n, and the one at the end was lost.",
    body: Buffer.from(`${unix.replaceAll("\n", "\r\n")}\r\n`, "latin1"),
  };
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]);

function* marks(body: Buffer): Iterable<Candidate> {
  const cause = "byte_order_mark";
  if (body.subarray(0, 3).equals(mark))
    yield { cause, detail: "A byte order mark was put before the body.", body: body.subarray(3) };
  else
    yield {
      cause,
      detail: "The byte order mark before the body was lost.",
      body: Buffer.concat([mark, body]),
    };
}

/** A small body may stand for a very large one. */
const limits = { maxOutputLength: 20_000_000 };

function* encodings(body: Buffer): Iterable<Candidate> {
  const decoders = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync } as const;
  for (const [name, decode] of Object.entries(decoders)) {
    const decoded = attemptTo(() => decode(body, limits));
    if (decoded !== undefined)
      yield {
        cause: "content_encoding",
        detail: `The body was compressed on its way (${name}); what was signed is not.`,
        body: decoded,
      };
  }
}

function* charsets(body: Buffer): Iterable<Candidate> {
  const text = attemptTo(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  const cause = "charset";
  if (text === undefined) {
    const latin = body.toString("latin1");
    yield { cause, detail: "UTF-8 became ISO-8859-1.", body: Buffer.from(latin, "utf8") };
    return;
  }
  if (/^[\0-\xff]*$/.test(text) && !/^[\0-\x7f]*$/.test(text)) {
    const detail = "The body was read as ISO-8859-1 and written again in UTF-8.";
    yield { cause, detail, body: Buffer.from(text, "latin1") };
  }
  yield { cause, detail: "UTF-16 became UTF-8.", body: Buffer.from(text, "utf16le") };
  for (const form of ["NFC", "NFD"] as const)
    yield {
      cause,
      detail: "Accents were composed or taken apart (Unicode normalisation).",
      body: Buffer.from(text.normalize(form)),
    };
}

function* wrappings(body: Buffer): Iterable<Candidate> {
  const cause = "body_wrapped";
  const text = body.toString();
  const value = attemptTo((): unknown => JSON.parse(text));
  if (typeof value === "string")
    yield { cause, detail: "The body was put into a JSON string.", body: Buffer.from(value) };
  const inner = typeof value === "object" && value !== null && "body" in value ? value.body : undefined;
  if (typeof inner === "string") {
    const detail = "The body stands in the member `body` of another object, such as a gateway's event.";
    yield { cause, detail, body: Buffer.from(inner) };
    yield { cause, detail: `${detail.slice(0, -1)}, in base64.`, body: Buffer.from(inner, "base64") };
  }
  if (/^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(text))
    yield { cause, detail: "The body was put into base64.", body: Buffer.from(text, "base64") };
  const decoded = attemptTo(() => decodeURIComponent(text.replaceAll("+", " ")));
  if (decoded !== undefined) yield { cause, detail: "The body was URL-encoded.", body: Buffer.from(decoded) };
  const form = /^payload=([^&]*)/.exec(text)?.[1];
  const payload = attemptTo(() => decodeURIComponent((form ?? "%").replaceAll("+", " ")));
  if (payload !== undefined)
    yield { cause, detail: "The body was put into the form field `payload`.", body: Buffer.from(payload) };
}

const spacings = ["compact", "spaced", "2", "4", "tab"] as const satisfies readonly JsonStyle["spacing"][];
const escapes = ["kept", "raw", "ascii", "slashes", "ascii-slashes", "html"] as const;
const spacingWords = {
  compact: "without white space",
  spaced: "with a space after each comma and colon",
  "2": "indented by two spaces",
  "4": "indented by four spaces",
  tab: "indented by tabs",
} as const;
const escapeWords = {
  kept: "",
  raw: ", with no escapes that are not needed",
  ascii: ", with \\u escapes for all that is not ASCII",
  slashes: ", with escaped slashes",
  "ascii-slashes": ", with \\u escapes and escaped slashes",
  html: ", with \\u escapes for <, > and &",
} as const;

function* reserialised(body: Buffer): Iterable<Candidate> {
  const node = readJsonText(body.toString());
  if (node === undefined) return;
  for (const sorted of [false, true])
    for (const spacing of spacings)
      for (const escape of escapes) {
        const text = writeJsonText(node, { spacing, sorted, escapes: escape });
        const how = spacingWords[spacing] + escapeWords[escape] + (sorted ? ", with sorted members" : "");
        const detail = `The body was parsed and written again: what was signed is JSON ${how}`;
        for (const [end, words] of [
          ["", "."],
          ["\n", " and a line break at the end."],
        ] as const)
          yield { cause: "json_reserialised", detail: detail + words, body: Buffer.from(text + end) };
      }
  yield* withOtherNumbers(node);
}

function* withOtherNumbers(node: JsonNode): Iterable<Candidate> {
  for (const rewritten of rewriteNumbers(node))
    for (const spacing of ["compact", "spaced"] as const)
      for (const escape of ["kept", "ascii"] as const) {
        const text = writeJsonText(rewritten.node, { spacing, sorted: false, escapes: escape });
        const how = spacingWords[spacing] + escapeWords[escape] + rewritten.words;
        const detail = `The body was parsed and written again: what was signed is JSON ${how}.`;
        yield { cause: "json_reserialised", detail, body: Buffer.from(text) };
      }
}

function attemptTo<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
