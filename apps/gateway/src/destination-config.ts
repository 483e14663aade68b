import type { Egress } from "@hooks/egress";
import type { Reader } from "./config-reader.ts";

export type DestinationConfig =
  | { readonly type: "http"; readonly url: string; readonly timeoutMs: number }
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

type DestinationType = DestinationConfig["type"];

/** Reads `destinations`; `egress` judges the URLs of HTTP ones as the relay will, and makes no connection. */
export function readDestinations(file: Reader, egress: Egress): Record<string, DestinationConfig> {
  const read = file.entries("destinations").map(([name, reader]) => {
    const config = readDestination(reader, egress);
    reader.finish();
    return [name, config] as const;
  });
  return Object.fromEntries(read);
}

function readDestination(reader: Reader, egress: Egress): DestinationConfig {
  const types = ["http", "redis-stream", "bullmq", "rabbitmq", "nats"] as const satisfies DestinationType[];
  const type = reader.choice("type", types);
  switch (type) {
    case undefined:
    case "http":
      if (type === undefined && reader.value("type") === undefined) {
        reader.problem("type", `expected one of ${types.join(", ")}`);
      }
      return { type: "http", url: readPublic(reader, egress), timeoutMs: readTimeout(reader, 15_000) };
    case "redis-stream":
      return { type, url: readUrl(reader, redis), stream: need(reader, "stream") };
    case "bullmq": {
      const attempts = reader.integer("attempts", { min: 1, max: 1_000 }) ?? 1;
      const [queue, prefix] = [need(reader, "queue"), reader.text("prefix")];
      if (queue.includes(":")) reader.problem("queue", "expected a name without a colon, as BullMQ demands");
      return { type, url: readUrl(reader, redis), queue, prefix, attempts };
    }
    case "rabbitmq":
      return {
        type,
        url: readUrl(reader, amqp),
        to: readTarget(reader),
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

const redis: UrlForm = { form: /^rediss?:\/\/./, expected: "redis://… or rediss://…" };
const amqp: UrlForm = { form: /^amqps?:\/\/./, expected: "amqp://… or amqps://…" };
const nats: UrlForm = { form: /^(?:nats|tls):\/\/./, expected: "nats://… or tls://…" };

function readUrl(reader: Reader, { form, expected }: UrlForm): string {
  const url = reader.text("url") ?? "";
  const isWhole = url.split(",").every((one) => form.test(one) && URL.canParse(one));
  if (!isWhole) reader.problem("url", `expected ${expected}`);
  return url;
}

function readPublic(reader: Reader, egress: Egress): string {
  const url = reader.text("url") ?? "";
  const check = egress.checkUrl(url);
  if (!check.ok) reader.problem("url", `${check.code}: ${check.message}`);
  return url;
}

function readTarget(reader: Reader) {
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
