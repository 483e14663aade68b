// Run as a process of its own: a sender that delivers what others publish, until it is told to end by SIGTERM.
import { createSender } from "../sender.ts";
import type { Store } from "../store.ts";
import { createPostgresStore } from "../store/postgres.ts";
import { createSqliteStore } from "../store/sqlite.ts";
import { contractsOf } from "./contracts.ts";
import type { Said, WorkerSetup } from "./fleet.ts";

const {
  name,
  store: place,
  clockMs = 0,
  storeTimeoutMs,
  worker,
} = JSON.parse(process.argv[2] ?? "{}") as WorkerSetup;

const say = (said: Said) => void process.stdout.write(`${JSON.stringify(said)}\n`);

/** A machine whose clock is wrong, and at SIGUSR2 as wrong the other way. */
let wrongMs = clockMs;
const rightNow = Date.now;
Date.now = () => rightNow() + wrongMs;
process.on("SIGUSR2", () => {
  wrongMs = -wrongMs;
  say({ kind: "flipped" });
});

const PATIENCE_MS = 120_000;

let isEnding = false;
let takesSince = 0;
const store: Store = place.startsWith("postgres:")
  ? createPostgresStore({
      url: place,
      ...(storeTimeoutMs === undefined ? {} : { timeoutMs: storeTimeoutMs }),
    })
  : createSqliteStore({ path: place });
const counted: Store = {
  ...store,
  take: (request) => {
    if (isEnding) takesSince += 1;
    return store.take(request);
  },
};

const sender = createSender({
  store: counted,
  contracts: contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } }),
  http: {
    allowHttp: true,
    allowCidrs: ["127.0.0.0/8"],
    // The sink knows by it who sends.
    userAgent: name,
    // Patient, whatever else the machine does.
    timeoutMs: PATIENCE_MS,
    connectTimeoutMs: PATIENCE_MS,
  },
  worker,
  report: (report) => {
    if (report.kind === "attempted" && !report.settled) say({ kind: "unsettled", delivery: report.delivery });
    if (report.kind === "fault") say({ kind: "fault", error: String(report.error) });
  },
});

process.on("SIGTERM", () => {
  isEnding = true;
  void sender.stop().then(() => {
    say({ kind: "ended", takesSince });
    process.exit(0);
  });
});
await sender.start();
say({ kind: "ready" });
