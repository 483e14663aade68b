import { type Refusal, refuse } from "../reason.ts";
import type { Attested } from "./adapter.ts";
import { utf8Bytes } from "./bytes.ts";
import type { TokenProvider } from "./provider.ts";
import { decodeBase64 } from "../base64.ts";
import { parsePath, walkEach } from "./json-path.ts";
import type { RequestView } from "./request-view.ts";
import type { AttestContext, AttestView } from "./signed-message.ts";
import { createFinder, placeOf, withoutPrefix } from "./signature-reader.ts";
import { match } from "./steps.ts";

const maxTokens = 1_000;
const maxLength = 4_096;

/**
 * Makes what checks the tokens of a `token` row. Where a body has one for each of its events, all must be right.
 *
 * @throws TypeError for a path that is none, or a header's name that is missing.
 */
export function createTokenCheck(
  row: TokenProvider,
  { keyCount, settings }: Pick<AttestContext, "keyCount" | "settings">,
): AttestView {
  const { place, find } = finderOf(row, settings);
  const read = readerOf(row);
  return function* attest(view) {
    const texts = find(view);
    if (texts.every((text) => text === undefined)) return refuse("missing_header", `Expected ${place}.`);
    const tokens = texts.map(read).filter((token) => token !== undefined);
    if (tokens.length !== texts.length || tokens.length > maxTokens)
      return refuse("malformed_header", `Expected ${place} in its documented form.`);
    let keyIndex = -1;
    let isRefused = false;
    for (const token of tokens) {
      let matched = -1;
      for (let key = keyCount - 1; key >= 0; key--) {
        if (yield* match({ key, message: [], signatures: [token] })) matched = key;
      }
      isRefused ||= matched < 0;
      keyIndex = Math.max(keyIndex, matched);
    }
    return isRefused ? wrong : attested(row, keyIndex);
  };
}

const wrong: Refusal = refuse("no_matching_key", "The token is not a configured one.");

function attested({ token }: TokenProvider, keyIndex: number): Attested {
  const covered = token.from === "basic" ? "basic" : "token";
  return { ok: true, keyIndex, covered, timestamp: undefined };
}

/** The headers in which a token can be. */
export function tokenHeaders(
  { token }: TokenProvider,
  settings: Readonly<Record<string, string>>,
): readonly string[] {
  switch (token.from) {
    case "header":
      return [token.name, ...(token.also ?? [])];
    case "setting":
      return [(settings[token.name] ?? token.fallback ?? "").toLowerCase()];
    case "basic":
      return ["authorization"];
    case "body":
    case "query":
    case "form":
      return [];
  }
}

function finderOf(row: TokenProvider, settings: Readonly<Record<string, string>>) {
  const { token } = row;
  if (token.from === "body") {
    const path = parsePath(token.path);
    return { place: placeOf(token), find: (view: RequestView) => walkEach(view.json(), path) };
  }
  if (token.from !== "setting" && token.from !== "basic") {
    const find = createFinder(token);
    return { place: placeOf(token), find: (view: RequestView) => find(view) };
  }
  if (token.from === "setting" && !Object.hasOwn(row.settings ?? {}, token.name))
    throw new TypeError(`Expected ${row.name} to describe the setting that names the header.`);
  const [name = ""] = tokenHeaders(row, settings);
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/.test(name))
    throw new TypeError(`Expected the name of the header that has the token of ${row.name}.`);
  const find = (view: RequestView) => {
    const text = view.header(name);
    return text === undefined ? [] : [text];
  };
  return { place: `the header ${name}`, find };
}

function readerOf({ token, format = { kind: "plain" } }: TokenProvider) {
  return (text: unknown): Uint8Array<ArrayBuffer> | undefined => {
    if (typeof text !== "string" || text.length > maxLength) return undefined;
    if (token.from === "basic") return passwordOf(text);
    const value = format.kind === "prefix" ? withoutPrefix(text, format) : text;
    return value === undefined || value === "" ? undefined : utf8Bytes(value);
  };
}

/** User and password as RFC 7617 has them, with the colon between. */
function passwordOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  const value = withoutPrefix(text, { kind: "prefix", prefix: "Basic ", ignoreCase: true });
  const bytes = value === undefined ? undefined : decodeBase64(value);
  return bytes?.includes(0x3a) ? bytes : undefined;
}
