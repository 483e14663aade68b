import type { Bench } from "./bench.ts";

/** A row of the table of benches; modules are loaded only when their bench runs. */
export interface BenchRow {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Bench>;
}

/** Every bench, in the order they run in. */
export const benches: readonly BenchRow[] = [
  {
    name: "signing",
    summary:
      "sign and verify one request, beside standardwebhooks, svix, stripe, octokit and bare createHmac",
    load: async () => (await import("./signing.ts")).signing,
  },
  {
    name: "timing",
    summary: "whether the time to refuse a signature tells where it is wrong",
    load: async () => (await import("./timing.ts")).timing,
  },
  {
    name: "contracts",
    summary: "payloads judged a second, start, size and generation, beside ajv at run time and zod",
    load: async () => (await import("./contracts.ts")).contracts,
  },
  {
    name: "gateway",
    summary:
      "requests accepted a second and how soon, beside express with svix and BullMQ and a bare node:http",
    load: async () => (await import("./gateway.ts")).gateway,
  },
  {
    name: "flood",
    summary: "how soon a provider is answered while others flood the gateway",
    load: async () => (await import("./flood.ts")).flood,
  },
  {
    name: "dedupe",
    summary: "what a remembered event id takes in Redis and in SQLite, beside a key or a row for each",
    load: async () => (await import("./dedupe.ts")).dedupe,
  },
  {
    name: "delivery",
    summary: "deliveries a second out of a backlog, beside BullMQ with undici and a bare loop",
    load: async () => (await import("./delivery.ts")).delivery,
  },
  {
    name: "publish",
    summary: "events a second kept on disk, validated, beside BullMQ's addBulk",
    load: async () => (await import("./publish.ts")).publish,
  },
  {
    name: "latency",
    summary: "from publishing to the endpoint at half load, beside BullMQ with undici",
    load: async () => (await import("./latency.ts")).latency,
  },
  {
    name: "isolation",
    summary: "what healthy endpoints notice while as many others hang",
    load: async () => (await import("./isolation.ts")).isolation,
  },
  {
    name: "backlog",
    summary: "what taking costs with a million deliveries waiting, beside ten thousand",
    load: async () => (await import("./backlog.ts")).backlog,
  },
  {
    name: "at-rest",
    summary: "bodies encrypted and compressed, beside the bare cipher and ways to compress",
    load: async () => (await import("./at-rest.ts")).atRest,
  },
];
