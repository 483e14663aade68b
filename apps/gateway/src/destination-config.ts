import type { Egress, UrlRefusal } from "@hooks/egress";
import { parseSchedule, presets, type Schedule } from "@hooks/retry";
import { KeyError, parseSigningKey } from "@hooks/signing";
import { checkName, type Reader } from "./config-reader.ts";
import { isRedisUrl, redisUrlForm } from "./redis-url.ts";

export type DestinationConfig = TargetConfig & {
  /** The waits between attempts. Default: the relay's. */
  readonly retry: Schedule | undefined;
};

type TargetConfig =
  | {
      readonly type: "http";
      readonly url: string;
      readonly timeoutMs: number;
      /** What requests are signed with; none: they are not signed. */
      readonly secrets: readonly string[];
    }
  | { readonly type: "redis-stream"; readonly url: string; readonly stream: string }
  | {
      readonly type: "bullmq";
      readonly url: string;
      readonly queue: string;
      readonly prefix: string | undefined;
      /** How often BullMQ's worker tries a job. */
      readonly attempts: number;
    }
  | {
      readonly type: "rabbitmq";
      readonly url: string;
      readonly to: { readonly queue: string } | { readonly exchange: string; readonly routingKey: string };
      readonly timeoutMs: number;
    }
  | {
      readonly type: "nats";
      readonly url: string;
      readonly subject: string;
      readonly token: string | undefined;
      readonly timeoutMs: number;
    };

type CheckUrl = Egress["checkUrl"];

type DestinationType = DestinationConfig["type"];

const types = ["http", "redis-stream", "bullmq", "rabbitmq", "nats"] as const satisfies DestinationType[];

/** Reads `destinations`; `checkUrl` judges the URLs of HTTP ones as the relay will. */
export function readDestinations(file: Reader, checkUrl: CheckUrl): Record<string, DestinationConfig> {
  const read = file.entries("destinations").flatMap(([name, reader]) => {
    checkName(reader, name);
    const type = reader.choice("type", types);
    if (type === undefined) {
      // What else there has to be is not known.
      reader.problem("type", `expected one of ${types.join(", ")}`);
      return [];
    }
    const config = { ...readTarget(reader, type, checkUrl), retry: readRetry(reader) };
    reader.finish();
    return [[name, config] as const];
  });
  return Object.fromEntries(read);
}

function readTarget(reader: Reader, type: DestinationType, checkUrl: CheckUrl): TargetConfig {
  switch (type) {
    case "http":
      return {
        type: "http",
        url: readPublic(reader, checkUrl),
        timeoutMs: readTimeout(reader, 15_000),
        secrets: readSecrets(reader),
      };
    case "redis-stream":
      return { type, url: readRedisUrl(reader), stream: need(reader, "stream") };
    case "bullmq": {
      const attempts = reader.integer("attempts", { min: 1, max: 1_000 }) ?? 1;
      const [queue, prefix] = [need(reader, "queue"), reader.text("prefix")];
      if (queue.includes(":")) reader.problem("queue", "expected a name without a colon, as BullMQ demands");
      const url = readRedisUrl(reader);
      if (url.includes("cluster=true") && !/\{[^}]+\}/.test(`${prefix ?? ""}:${queue}`)) {
        reader.problem("prefix", "expected braces, such as {bull}: a cluster keeps no BullMQ queue without");
      }
      return { type, url, queue, prefix, attempts };
    }
    case "rabbitmq":
      return {
        type,
        url: readUrl(reader, amqp),
        to: readWhereTo(reader),
        timeoutMs: readTimeout(reader, 5_000),
      };
    case "nats": {
      const [subject, token] = [need(reader, "subject"), reader.text("token")];
      if (/[\s*>]/.test(subject))
        reader.problem("subject", "expected a subject without spaces and wildcards");
      return { type, url: readUrl(reader, nats), subject, token, timeoutMs: readTimeout(reader, 5_000) };
    }
  }
}

interface UrlForm {
  readonly form: RegExp;
  readonly expected: string;
}

const amqp: UrlForm = { form: /^amqps?:\/\/./, expected: "amqp://… or amqps://…" };
const nats: UrlForm = { form: /^(?:nats|tls):\/\/./, expected: "nats://… or tls://…" };

function readUrl(reader: Reader, { form, expected }: UrlForm): string {
  const url = reader.text("url") ?? "";
  const isWhole = url.split(",").every((one) => form.test(one) && URL.canParse(one));
  if (!isWhole) reader.problem("url", `expected ${expected}`);
  return url;
}

/** One server's, a cluster's or that of sentinels. */
function readRedisUrl(reader: Reader): string {
  const url = reader.text("url") ?? "";
  if (!isRedisUrl(url)) reader.problem("url", `expected ${redisUrlForm}`);
  return url;
}

function readPublic(reader: Reader, checkUrl: CheckUrl): string {
  const url = reader.text("url") ?? "";
  const check = checkUrl(url);
  if (!check.ok) reader.problem("url", `${check.code}: ${check.message}${settingFor(check.code)}`);
  return url;
}

/** What allows it. */
function settingFor(code: UrlRefusal): string {
  if (code === "https_required") return " (HOOKS_ALLOW_HTTP=true)";
  return code === "blocked_address" || code === "blocked_host"
    ? " (HOOKS_ALLOW_CIDRS, such as 10.0.0.0/8)"
    : "";
}

function readSecrets(reader: Reader): readonly string[] {
  const secrets = reader.texts("secrets");
  for (const secret of secrets) {
    try {
      parseSigningKey(secret);
    } catch (error) {
      reader.problem("secrets", error instanceof KeyError ? error.message : "expected whsec_ and base64");
    }
  }
  return secrets;
}

/** `standard`, `short`, or waits such as `30s, 5m, 1h`. */
function readRetry(reader: Reader): Schedule | undefined {
  const text = reader.text("retry");
  if (text === undefined) return undefined;
  if (text === "standard" || text === "short") return presets[text];
  const parsed = parseSchedule(text);
  if (parsed.ok) return parsed.schedule;
  reader.problem("retry", `expected standard, short or waits: ${parsed.problem}`);
  return undefined;
}

function readWhereTo(reader: Reader) {
  const [queue, exchange, routingKey] = [
    reader.text("queue"),
    reader.text("exchange"),
    reader.text("routingKey"),
  ];
  if (queue !== undefined && exchange === undefined && routingKey === undefined) return { queue };
  if (queue === undefined && exchange !== undefined) return { exchange, routingKey: routingKey ?? "" };
  reader.problem("queue", "expected either queue, or exchange and routingKey");
  return { queue: "" };
}

function readTimeout(reader: Reader, usualMs: number): number {
  return reader.integer("timeoutMs", { min: 100, max: 30_000 }) ?? usualMs;
}

function need(reader: Reader, key: string): string {
  const text = reader.text(key);
  if (text === undefined) reader.problem(key, `expected the name of a ${key}`);
  return text ?? "";
}
