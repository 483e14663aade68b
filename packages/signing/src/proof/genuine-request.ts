import { createHmac } from "node:crypto";
import type { HmacProvider, StandardProvider, TokenProvider } from "../providers/provider.ts";
import { type Dice, randomBytes } from "./dice.ts";
import { jsonBody, namesOf } from "./genuine-body.ts";
import { encode, format } from "./genuine-signature.ts";

/** A request as the provider of a row would send it, and all it takes to verify it. */
export interface GenuineRequest {
  readonly secret: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Unix seconds of signing. */
  readonly now: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Headers that carry the signature or token, or are part of what is signed. */
  readonly signedHeaders: readonly string[];
  /** What the event should be called, where a row says where its id stands. */
  readonly id: string | undefined;
}

type SignedRow = StandardProvider | HmacProvider | TokenProvider;

/**
 * Signs as a row says, reading it in another way than the interpreter does: what both understand alike, they verify.
 * What no row says (secrets, times, bodies) comes from the dice.
 */
export function makeGenuineRequest(row: SignedRow, roll: Dice): GenuineRequest {
  const now = 1_700_000_000 + roll(100_000_000);
  const settings = Object.fromEntries(
    Object.entries(row.settings ?? {})
      .filter(([, { required }]) => required)
      .map(([name]) => [
        name,
        name === "header" ? "x-configured" : `https://example.com/${name}?n=${roll(1000)}`,
      ]),
  );
  const draft = {
    now,
    settings,
    method: "POST",
    url: `https://hooks.example.com/in?a=${roll(1e6)}&b=%3Ax%20y`,
    roll,
  };
  switch (row.kind) {
    case "standard-webhooks":
      return signStandard(row, draft);
    case "hmac":
      return signHmac(row, draft);
    case "token":
      return showToken(row, draft);
  }
}

interface Draft {
  readonly now: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly method: string;
  readonly url: string;
  readonly roll: Dice;
}

function signStandard(row: StandardProvider, { now, roll, ...draft }: Draft): GenuineRequest {
  const { headers, members } = namesOf(row, roll);
  const body = jsonBody(members, roll);
  const key = randomBytes(24 + roll(41), roll);
  const id = `msg_${roll(1e9)}`;
  const signature = createHmac("sha256", key).update(`${id}.${now}.`).update(body).digest("base64");
  const names = row.headers;
  const signed = { [names.id]: id, [names.timestamp]: String(now), [names.signature]: `v1,${signature}` };
  return {
    ...draft,
    now,
    secret: `whsec_${key.toString("base64")}`,
    headers: { ...headers, ...signed },
    signedHeaders: Object.keys(signed),
    body,
    id,
  };
}

function secretOf(
  { secret }: Pick<HmacProvider, "secret">,
  roll: Dice,
): readonly [text: string, key: Buffer] {
  const bytes = randomBytes(16 + roll(32), roll);
  const text = `it's_a+secret/${bytes.toString("base64url")}`;
  if (secret === "utf8") return [text, Buffer.from(text)];
  return [bytes.toString(secret), bytes];
}

function timeText(unit: "s" | "ms" | "iso", now: number, roll: Dice): string {
  if (unit === "s") return String(now);
  const milliseconds = now * 1000 + roll(1000);
  if (unit === "ms") return String(milliseconds);
  const text = new Date(milliseconds).toISOString();
  return (
    [text, text.replace("Z", "456789Z"), text.replace(/\.\d+Z/, "Z"), text.replace("Z", "+00:00")][roll(4)] ??
    ""
  );
}

/** Stands where the signature goes into the body. */
const sealed = "(signature)";

function signHmac(row: HmacProvider, draft: Draft): GenuineRequest {
  const { now, roll, settings, method, url } = draft;
  const { headers: named, members, id } = namesOf(row, roll);
  const headers: Record<string, string> = { ...named };
  const [secret, key] = secretOf(row, roll);
  const { timestamp, signature } = row;
  const time = timestamp && timeText(timestamp.unit, now, roll);
  if (timestamp?.from === "header") headers[timestamp.name] = time ?? "";
  if (timestamp?.from === "body") members[timestamp.path] = timestamp.unit === "ms" ? Number(time) : time;
  const holes = [...row.message.matchAll(/\{([^{}]+)\}/g)].map(([, hole = ""]) => hole);
  for (const hole of holes) {
    if (hole.startsWith("header:")) headers[hole.slice(7)] ??= `h-${roll(1e9)}`;
    if (hole.startsWith("json:")) members[hole.slice(5)] ??= `m-${roll(1e9)}`;
  }
  if (signature.from === "body") members[signature.path] = sealed;
  const isForm = holes.includes("form:only:mandrill_events");
  const form = { mandrill_events: `[{"event":"open é ${roll(1e6)} +&="}]` };
  const draftBody = isForm ? Buffer.from(new URLSearchParams(form).toString()) : jsonBody(members, roll);
  const piece = (hole: string): string | Buffer => {
    const [kind = "", name = ""] = hole.split(/:(.*)/s);
    switch (kind) {
      case "body":
        return draftBody;
      case "timestamp":
        return time ?? "";
      case "method":
        return method;
      case "url":
        return name === "hubspot" ? url.replaceAll("%3A", ":") : url;
      case "header":
        return headers[name] ?? "";
      case "setting":
        return settings[name] ?? "";
      case "json":
        return String(members[name]);
      case "form":
        return Object.entries(form).flat().join("");
      default:
        throw new Error(`What is {${hole}}?`);
    }
  };
  const hmac = createHmac(row.digest, key);
  for (const [index, part] of row.message.split(/\{([^{}]+)\}/).entries()) {
    hmac.update(index % 2 === 0 ? part : piece(part));
  }
  const text = encode(hmac.digest(), signature.encoding);
  const body = Buffer.from(draftBody.toString("latin1").replace(sealed, text), "latin1");
  const name = signature.from === "numberedHeaders" ? `${signature.prefix}1` : undefined;
  const place = signature.from === "header" ? signature.name : name;
  if (place !== undefined) headers[place] = format(row, text, time ?? "");
  const signedHeaders = Object.keys(headers).filter(
    (header) =>
      header === place ||
      (timestamp?.from === "header" && header === timestamp.name) ||
      holes.includes(`header:${header}`),
  );
  return { ...draft, secret, headers, body: signature.from === "body" ? body : draftBody, signedHeaders, id };
}

function showToken(row: TokenProvider, draft: Draft): GenuineRequest {
  const { now, roll, settings, method } = draft;
  const { headers: named, members, id } = namesOf(row, roll);
  const { token, format: form } = row;
  const text = randomBytes(12 + roll(20), roll).toString("base64url");
  const secret = token.from === "basic" ? `user:${text}` : text;
  const shown = token.from === "basic" ? `Basic ${Buffer.from(secret).toString("base64")}` : secret;
  const given = form?.kind === "prefix" ? form.prefix + shown : shown;
  const header = headerOf(row, settings);
  const body =
    token.from === "body"
      ? Buffer.from(JSON.stringify({ value: [{ clientState: given, n: roll(99) }, { clientState: given }] }))
      : jsonBody(members, roll);
  const query = token.from === "query" ? `&${token.name}=${given}` : "";
  return {
    secret,
    settings,
    now,
    method,
    url: draft.url + query,
    headers: { ...named, ...(header === undefined ? {} : { [header]: given }) },
    body,
    signedHeaders: header === undefined ? [] : [header],
    id: token.from === "body" ? undefined : id,
  };
}

function headerOf({ token }: TokenProvider, settings: Draft["settings"]): string | undefined {
  switch (token.from) {
    case "header":
      return token.name;
    case "basic":
      return "authorization";
    case "setting":
      return settings[token.name] ?? token.fallback;
    default:
      return undefined;
  }
}
