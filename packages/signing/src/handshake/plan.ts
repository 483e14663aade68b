import type {
  Handshake,
  HandshakeAnswer,
  HandshakeCheck,
  HandshakeCondition,
  HandshakePart,
  HandshakeProof,
  HandshakeReply,
  HandshakeReplyRow,
  HandshakeRequest,
  HandshakeStage,
} from "./handshake.ts";
import { createSourceReader, type SourceReader } from "./read-source.ts";
import { hasForm } from "./token.ts";

/** What the interpreter knows besides the request. */
export interface HandshakeContext {
  readonly stage: HandshakeStage;
  readonly settings: Readonly<Record<string, string>>;
}

/** An answer, or what must be hashed before there is one. */
export type HandshakePlan =
  | { readonly kind: "answer"; readonly answer: HandshakeAnswer }
  | {
      readonly kind: "prove";
      readonly proof: HandshakeProof;
      /** UTF-8. */
      readonly message: string;
      readonly finish: (proof: string) => HandshakeAnswer;
    };

/** Decides what a request is answered with. Pure; nothing in a request makes it throw. */
export function planHandshake(
  handshakes: readonly Handshake[],
  request: HandshakeRequest,
  { stage, settings }: HandshakeContext,
): HandshakePlan {
  const reader = createSourceReader(request);
  const fits = (row: Handshake) =>
    row.stage === stage &&
    row.methods.includes(request.method) &&
    (row.optIn === undefined || settings[row.optIn] === "true") &&
    row.when.every((condition) => holds(condition, reader));
  const row = handshakes.find(fits);
  return row === undefined ? done({ kind: "none" }) : planRow(row, reader, settings);
}

type Settings = HandshakeContext["settings"];

function planRow(row: Handshake, reader: SourceReader, settings: Settings): HandshakePlan {
  for (const check of row.checks ?? []) {
    const fault = faultOf(check, reader, settings);
    if (fault !== undefined) return refuse(fault);
  }
  const token = row.token === undefined ? "" : reader.read(row.token);
  if (row.token !== undefined && !(typeof token === "string" && hasForm(token, row.token.form)))
    return refuse(`Expected ${nameOf(row.token)} exactly once, in the form "${row.token.form}".`);
  const values = { token: String(token), settings };
  const missing = partsOf(row).find((part) => "setting" in part && valueOf(part, values) === undefined);
  if (missing !== undefined && "setting" in missing)
    return refuse(`The setting ${missing.setting} is missing.`);
  const finish = (proof: string) => conclude(row, { ...values, proof });
  if (row.proof === undefined) return done(finish(""));
  return { kind: "prove", proof: row.proof, message: join(row.proof.message, values), finish };
}

function done(answer: HandshakeAnswer): HandshakePlan {
  return { kind: "answer", answer };
}

function refuse(hint: string): HandshakePlan {
  return done({ kind: "refuse", status: 403, hint });
}

function holds(condition: HandshakeCondition, reader: SourceReader): boolean {
  const value = reader.read(condition);
  if ("equals" in condition) return value === condition.equals;
  switch (condition.is) {
    case "present":
      return value !== undefined && value !== null;
    case "absent":
      return value === undefined;
    case "empty":
      return Array.isArray(value) && value.length === 0;
  }
}

function faultOf(check: HandshakeCheck, reader: SourceReader, settings: Settings): string | undefined {
  const name = "inSetting" in check ? check.inSetting : check.equalsSetting;
  const setting = settingOf(settings, name) ?? check.fallback;
  if (setting === undefined) return `The setting ${name} is missing.`;
  const value = reader.read(check);
  if (typeof value !== "string") return `Expected ${nameOf(check)} exactly once.`;
  const allowed = "inSetting" in check ? setting.split(",").map((one) => one.trim()) : [setting];
  const isAny = "inSetting" in check && allowed.includes("*");
  // Every one is compared, so that time tells nothing of a verify token.
  const matches = allowed.filter((one) => equalInConstantTime(value, one));
  return isAny || matches.length > 0
    ? undefined
    : `Expected ${nameOf(check)} to be as the setting ${name} says.`;
}

/** An empty setting is as good as none: an empty verify token would be everybody's. */
function settingOf(settings: Settings, name: string): string | undefined {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  return value === "" ? undefined : value;
}

/** Takes time by the length of what came, whatever the difference is. */
function equalInConstantTime(came: string, expected: string): boolean {
  let difference = came.length ^ expected.length;
  for (let index = 0; index < came.length; index++)
    difference |= came.charCodeAt(index) ^ expected.charCodeAt(index % expected.length);
  return difference === 0;
}

function nameOf(source: HandshakeCheck | NonNullable<Handshake["token"]>): string {
  return `${source.from} ${"path" in source ? source.path : source.name}`;
}

interface Values {
  readonly token: string;
  readonly settings: Settings;
  readonly proof?: string;
}

function partsOf({ proof, reply }: Handshake): readonly HandshakePart[] {
  const jsonParts = Object.values(reply.json ?? {}).filter((value) => typeof value !== "number");
  return [proof?.message ?? [], reply.text ?? [], ...Object.values(reply.headers ?? {}), ...jsonParts].flat();
}

function valueOf(part: HandshakePart, { token, settings, proof = "" }: Values): string | undefined {
  if ("literal" in part) return part.literal;
  if ("setting" in part) return settingOf(settings, part.setting) ?? part.fallback;
  return part.from === "token" ? token : proof;
}

function join(parts: readonly HandshakePart[], values: Values): string {
  return parts.map((part) => valueOf(part, values) ?? "").join("");
}

function conclude({ reply, effect }: Handshake, values: Values): HandshakeAnswer {
  const respond = render(reply, values);
  if (effect === undefined) return { kind: "respond", ...respond };
  if (effect.kind === "secret") return { kind: "secret", secret: values.token, respond };
  return isAllowedUrl(values.token, effect.hosts)
    ? { kind: "confirm", url: values.token, respond }
    : { kind: "refuse", status: 403, hint: "Expected the URL to confirm at to be one of the provider's." };
}

function render(reply: HandshakeReplyRow, values: Values): HandshakeReply {
  const own = Object.entries(reply.headers ?? {}).map(
    ([name, parts]) => [name, join(parts, values)] as const,
  );
  const type = typeOf(reply);
  // Whatever is echoed, no browser takes it for a page.
  const typed = type === undefined ? {} : { "content-type": type, "x-content-type-options": "nosniff" };
  return {
    status: reply.status,
    headers: { ...Object.fromEntries(own), ...typed },
    body: bodyOf(reply, values),
  };
}

function typeOf({ text, json }: HandshakeReplyRow): string | undefined {
  if (text !== undefined) return "text/plain; charset=utf-8";
  return json === undefined ? undefined : "application/json";
}

function bodyOf({ text, json }: HandshakeReplyRow, values: Values): string {
  if (text !== undefined) return join(text, values);
  if (json === undefined) return "";
  const members = Object.entries(json).map(([name, value]) => [
    name,
    typeof value === "number" ? value : join(value, values),
  ]);
  return JSON.stringify(Object.fromEntries(members));
}

/** https, no credentials, the default port, and a host of the list, in which `*` stands for one label. */
function isAllowedUrl(text: string, hosts: readonly string[] | undefined): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, port, hostname } = new URL(text);
  if (protocol !== "https:" || username !== "" || password !== "" || port !== "") return false;
  return hosts === undefined || hosts.some((pattern) => isHostLike(hostname, pattern));
}

function isHostLike(host: string, pattern: string): boolean {
  const labels = host.split(".");
  const expected = pattern.split(".");
  return (
    labels.length === expected.length &&
    expected.every(
      (one, index) => one === labels[index] || (one === "*" && /^[a-z0-9-]+$/.test(labels[index] ?? "")),
    )
  );
}
