import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { generateSecret, verify } from "@hooks/signing";
import {
  createTemporaryFolder,
  type RedisServer,
  startPostgres,
  startRedis,
  until,
  whyNoMount,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultsOfAttempts, type RecordedDelivery } from "./chaos/attempts.ts";
import { checkTotalQueue } from "./chaos/checker.ts";
import { planKills, strike } from "./chaos/nemesis.ts";
import { beginRun, type Run } from "./chaos/run.ts";
import { type Answer, type Client, createClient, inParallel, submit } from "./system/client.ts";
import { type Consumer, idOf, startConsumer } from "./system/consumer.ts";
import {
  type GatewayProcess,
  readMetric,
  relayConcurrency,
  sendSigned,
  startGateway,
} from "./system/gateway.ts";
import {
  callApi,
  listDeliveries,
  loadExample,
  type SenderProcess,
  startSender,
  subscribe,
} from "./system/sender.ts";
import { startSmallSender } from "./system/store-on-tmpfs.ts";

/** What an endpoint may have in flight. */
const endpointConcurrency = 10;
/** When nothing is lost everything arrives long before. */
const arrivalMs = 120_000;
const secret = generateSecret();
const duplicates = 'hooks_gateway_requests_total{source="billing",outcome="duplicate"}';
const waiting = 'hooks_gateway_inbox_waiting{source="billing"}';

let folder: ReturnType<typeof createTemporaryFolder>;
/** What a test has started; ended in the opposite order. */
let endings: (() => unknown)[];

beforeEach(() => {
  folder = createTemporaryFolder("hooks-end-to-end");
  endings = [() => folder.remove()];
});
afterEach(async () => {
  for (const end of endings.toReversed()) await end();
});

async function consumer(delayMs?: (path: string) => number): Promise<Consumer> {
  const started = await startConsumer(delayMs);
  endings.push(() => started.sink.close());
  return started;
}

async function gateway(to: Consumer, inbox: { readonly inboxUrl?: string } = {}): Promise<GatewayProcess> {
  const destination = `${to.sink.url}/gateway`;
  const started = await startGateway({ folder: folder.path, secret, destination, ...inbox });
  endings.push(() => started.app().kill());
  return started;
}

async function sender(databaseUrl = `sqlite:${join(folder.path, "sender.db")}`): Promise<SenderProcess> {
  const started = await startSender(databaseUrl);
  endings.push(() => started.app().kill());
  return started;
}

function client(url: string, connections?: number): Client {
  const created = createClient(url, connections === undefined ? {} : { connections });
  endings.push(() => created.close());
  return created;
}

/** Kills a process and starts it again on what it left. */
async function killAndRestart(run: Run, target: "sender" | "gateway", process: SenderProcess) {
  run.record({ kind: "fault", target });
  await process.app().kill();
  await process.start();
}

function unexpectedAnswer({ status, json }: Extract<Answer, { kind: "answered" }>): never {
  throw new Error(`unexpected answer ${status} ${JSON.stringify(json)}`);
}

/** Waits for so many events, but not for ever: what is missing then is for the checker to say. */
async function arrived(at: Consumer, path: string, count: number): Promise<void> {
  await patiently(() => at.distinct(path) >= count);
}

async function patiently(isDone: () => boolean | Promise<boolean>): Promise<void> {
  await until(isDone, { timeoutMs: arrivalMs, everyMs: 50 }).catch(() => {});
}

interface Line {
  readonly to: Consumer;
  readonly front: SenderProcess;
  readonly edge: GatewayProcess;
  /** The endpoint that goes through the gateway, and the one that does not. */
  readonly endpoints: readonly string[];
  publish(run: Run, id: string): Promise<void>;
}

interface LineOptions {
  readonly delayMs?: (path: string) => number;
  /** Of the sender. Default: a SQLite file. */
  readonly databaseUrl?: string | undefined;
}

/** Sender → gateway → consumer, and beside it sender → consumer, both signed with the same secret. */
async function line({ delayMs, databaseUrl }: LineOptions = {}): Promise<Line> {
  const to = await consumer(delayMs);
  const edge = await gateway(to);
  const front = await sender(databaseUrl);
  const urls = [`${edge.url}/in/billing`, `${to.sink.url}/direct`];
  const endpoints = await subscribe(
    front.url,
    urls.map((url) => ({ url, secret })),
  );
  const post = await loadExample(front.url);
  const publisher = client(front.url);
  // A sender takes its time to start again, and is killed again then.
  const deadlineMs = Date.now() + 2 * arrivalMs;
  const publish = (run: Run, id: string) =>
    submit(run, { id, deadlineMs, onRefusal: unexpectedAnswer, post: () => post(publisher, id) });
  return { to, front, edge, endpoints, publish };
}

/** Deliveries once each has come to its end. */
async function finishedDeliveries(url: string): Promise<readonly RecordedDelivery[]> {
  const scheduled = () => callApi<{ data: unknown[] }>(url, "/v1/deliveries?state=scheduled&limit=1");
  await patiently(async () => (await scheduled()).data.length === 0);
  return listDeliveries(url);
}

const countInterrupted = (deliveries: readonly RecordedDelivery[]) =>
  deliveries.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === "interrupted").length;

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

/** The digests of all bodies that came with an id; one when all were the same. */
function digestsOf(requests: ReturnType<Consumer["requests"]>): ReadonlyMap<string, ReadonlySet<string>> {
  const digests = new Map<string, Set<string>>();
  for (const request of requests) {
    const seen = digests.get(idOf(request)) ?? new Set();
    digests.set(idOf(request), seen.add(sha256(request.body)));
  }
  return digests;
}

interface Killed {
  readonly name: string;
  readonly total: number;
  readonly databaseUrl?: string;
}

/** Kills the sender again and again, while it publishes and while it delivers. */
async function proveKilledSender({ name, total, databaseUrl }: Killed): Promise<void> {
  const run = beginRun(name);
  const { to, front, edge, endpoints, publish } = await line({
    delayMs: (path) => (path === "/direct" ? 8 : 0),
    databaseUrl,
  });
  const kill = () => killAndRestart(run, "sender", front);
  const strikes = async () => {
    const { random } = run;
    const whilePublishing = planKills({ random, kills: 5, from: 20, to: total * 0.95 });
    await strike(whilePublishing, { random, progress: run.acknowledged, fault: kill });
    const before = to.distinct("/direct");
    const whileDelivering = planKills({ random, kills: 1, from: before, to: total });
    await strike(whileDelivering, { random, progress: () => to.distinct("/direct"), fault: kill });
  };
  await Promise.all([strikes(), inParallel(total, 12, (index) => publish(run, `${run.prefix}-${index}`))]);
  await arrived(to, "/gateway", total);
  await arrived(to, "/direct", total);
  const deliveries = await finishedDeliveries(front.url);
  const [throughGateway, direct] = endpoints.map((id) =>
    deliveries.filter(({ endpoint }) => endpoint === id),
  );
  const verdict = checkTotalQueue(to.historyOf(run, "/gateway"));
  const directly = checkTotalQueue(to.historyOf(run, "/direct"));
  const repeats = await readMetric(edge.url, duplicates);
  const interrupted = countInterrupted(deliveries);
  run.summarize(verdict, {
    interrupted,
    "gateway repeats": repeats,
    "direct dup": directly.duplicated.length,
  });

  expect(verdict).toMatchObject({ ok: total, lost: [], unexpected: [], duplicated: [] });
  expect(verdict).toMatchObject({ acceptedTwice: [], falseRepeats: [] });
  expect(directly).toMatchObject({ ok: total, lost: [], unexpected: [] });
  // At least once towards an endpoint that does not deduplicate; never more often than the record says.
  expect(directly.duplicated.length).toBeLessThanOrEqual(countInterrupted(direct!));
  expect(repeats).toBeLessThanOrEqual(countInterrupted(throughGateway!));
  expect(interrupted).toBeGreaterThan(0);
  expect(interrupted).toBeLessThanOrEqual(6 * 2 * endpointConcurrency);
  expect(deliveries).toHaveLength(2 * total);
  const requestsOf = Map.groupBy(to.requests("/direct"), idOf);
  expect(direct!.flatMap((one) => faultsOfAttempts(one, requestsOf.get(one.event)?.length ?? 0))).toEqual([]);
  expect(throughGateway!.flatMap((one) => faultsOfAttempts(one, 0))).toEqual([]);
  const digests = digestsOf(to.requests("/direct"));
  expect([...digests.values()].every(({ size }) => size === 1)).toBe(true);
  expect(digestsOf(to.requests("/gateway"))).toEqual(digests);
}

describe("sender, gateway and consumer", () => {
  it("bring every event exactly once, with the bytes and the signature it was sent with", async () => {
    const run = beginRun("calm");
    const { to, front, edge, publish } = await line();
    await inParallel(60, 8, (index) => publish(run, `${run.prefix}-${index}`));
    await arrived(to, "/gateway", 60);
    await arrived(to, "/direct", 60);
    for (const path of ["/gateway", "/direct"]) {
      expect(checkTotalQueue(to.historyOf(run, path))).toMatchObject({ ok: 60, lost: [], duplicated: [] });
    }
    for (const request of to.requests("/gateway")) {
      const { headers, body } = request;
      const { envelope } = await callApi<{ envelope: { id: string } }>(
        front.url,
        `/v1/events/${idOf(request)}`,
      );
      expect(envelope.id).toBe(idOf(request));
      // The receiver gets what operators are not shown.
      const shown = body.toString().replace(/(?<="email":)"[^"]*"/, '"[hidden]"');
      expect(shown).not.toBe(body.toString());
      expect(sha256(shown)).toBe(sha256(JSON.stringify(envelope)));
      expect(verify({ headers, body, keys: [secret] })).toMatchObject({
        ok: true,
        event: { id: envelope.id },
      });
      expect(headers).toMatchObject({
        "webhook-version": expect.stringMatching(/^\d+\.\d+\.\d+$/),
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
        "hooks-source": "billing",
        "hooks-event-type": "invoice.paid",
      });
    }
    expect(digestsOf(to.requests("/gateway"))).toEqual(digestsOf(to.requests("/direct")));
    expect(await readMetric(edge.url, duplicates)).toBe(0);
    run.summarize(checkTotalQueue(to.historyOf(run, "/gateway")));
  });

  it("lose nothing and handle nothing twice while the sender is killed again and again", async () => {
    await proveKilledSender({ name: "sender killed", total: 700 });
  });

  it("lose nothing and repeat nothing when the sender is told to end under load", async () => {
    const total = 240;
    const run = beginRun("sender ended");
    const { to, front, edge, publish } = await line({ delayMs: (path) => (path === "/direct" ? 15 : 0) });
    const codes: (number | null)[] = [];
    const end = async () => {
      run.record({ kind: "fault", target: "sender" });
      codes.push(await front.app().terminate());
      await front.start();
    };
    await Promise.all([
      strike([60, 150], { random: run.random, progress: run.acknowledged, fault: end }),
      inParallel(total, 12, (index) => publish(run, `${run.prefix}-${index}`)),
    ]);
    await arrived(to, "/gateway", total);
    await arrived(to, "/direct", total);
    const deliveries = await finishedDeliveries(front.url);
    const history = to.historyOf(run, "/direct");
    const verdict = checkTotalQueue(history);
    run.summarize(verdict);
    expect(codes).toEqual([0, 0]);
    expect(verdict).toMatchObject({ ok: total, lost: [], unexpected: [], duplicated: [] });
    // A request may be on its way to a connection that is just being closed; not each client's each time.
    const unanswered = history.filter(
      (entry) => entry.kind === "ambiguous" && entry.reason !== "storage_unavailable",
    );
    expect(unanswered.length).toBeLessThan(12);
    expect(await readMetric(edge.url, duplicates)).toBe(0);
    expect(deliveries.flatMap((one) => faultsOfAttempts(one, 1))).toEqual([]);
    expect(countInterrupted(deliveries)).toBe(0);
  });
});

describeWithServer("postgres", "sender on PostgreSQL, gateway and consumer", () => {
  it("lose nothing and handle nothing twice while the sender is killed again and again", async () => {
    const postgres = await startPostgres();
    endings.push(() => postgres.stop());
    // Fewer: what a killed one has owned is taken over when its lease has ended.
    await proveKilledSender({
      name: "sender on PostgreSQL killed",
      total: 300,
      databaseUrl: postgres.url,
    });
  });
});

interface Flood {
  readonly total: number;
  readonly to: Client;
}

/** Sends signed events until each is acknowledged; sends one in ten once more afterwards. */
async function flood(run: Run, { total, to }: Flood): Promise<void> {
  const deadlineMs = Date.now() + arrivalMs;
  await inParallel(total, 16, async (index) => {
    const id = `${run.prefix}-${index}`;
    const body = run.random.bytes(run.random.integer(1, 900));
    const post = () => sendSigned(to, { id, body, secret });
    const submission = { id, post, deadlineMs, onRefusal: unexpectedAnswer };
    await submit(run, submission);
    if (index % 10 === 0) await submit(run, submission);
  });
}

/** Everything has been confirmed to the gateway. */
async function drained({ url }: GatewayProcess): Promise<void> {
  await patiently(async () => (await readMetric(url, waiting)) === 0);
}

describe("the gateway", () => {
  it("loses nothing it has acknowledged while it is killed again and again", async () => {
    const total = 1_200;
    const kills = 5;
    const run = beginRun("gateway killed");
    const to = await consumer(() => 3);
    const edge = await gateway(to);
    const points = planKills({ random: run.random, kills, from: 30, to: total * 0.95 });
    const fault = () => killAndRestart(run, "gateway", edge);
    await Promise.all([
      strike(points, { random: run.random, progress: run.acknowledged, fault }),
      flood(run, { total, to: client(edge.url) }),
    ]);
    await arrived(to, "/gateway", total);
    await drained(edge);
    const verdict = checkTotalQueue(to.historyOf(run, "/gateway"));
    run.summarize(verdict);
    expect(verdict).toMatchObject({ ok: total, lost: [], unexpected: [] });
    expect(verdict).toMatchObject({ acceptedTwice: [], falseRepeats: [] });
    expect(verdict.duplicated.length).toBeLessThanOrEqual(kills * relayConcurrency);
    const digests = digestsOf(to.requests("/gateway"));
    expect([...digests.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it("answers what it has begun, loses nothing and repeats nothing when it is told to end under load", async () => {
    const total = 400;
    const run = beginRun("gateway ended");
    const to = await consumer(() => 5);
    const edge = await gateway(to);
    const codes: (number | null)[] = [];
    const fault = async () => {
      run.record({ kind: "fault", target: "gateway" });
      codes.push(await edge.app().terminate());
      await edge.start();
    };
    await Promise.all([
      strike([100, 250], { random: run.random, progress: run.acknowledged, fault }),
      flood(run, { total, to: client(edge.url) }),
    ]);
    await arrived(to, "/gateway", total);
    await drained(edge);
    const verdict = checkTotalQueue(to.historyOf(run, "/gateway"));
    run.summarize(verdict);
    expect(codes).toEqual([0, 0]);
    expect(verdict).toMatchObject({ ok: total, lost: [], unexpected: [], duplicated: [] });
    expect(verdict).toMatchObject({ acceptedTwice: [], falseRepeats: [] });
  });
});

describeWithServer("redis", "the gateway on Redis", () => {
  it("never says yes while Redis is away, and loses nothing it has acknowledged while both are killed in turn", async () => {
    const total = 600;
    const kills = 4;
    const run = beginRun("Redis and gateway killed");
    const redis = await startRedis();
    endings.push(() => redis.stop());
    const to = await consumer(() => 3);
    const edge = await gateway(to, { inboxUrl: redis.url });
    const outages: Outage[] = [];
    const points = planKills({ random: run.random, kills, from: 30, to: total * 0.95 });
    let strikes = 0;
    const fault = async () => {
      strikes += 1;
      if (strikes % 2 === 0) return killAndRestart(run, "gateway", edge);
      run.record({ kind: "fault", target: "redis" });
      outages.push(await breakDown(redis, edge));
    };
    await Promise.all([
      strike(points, { random: run.random, progress: run.acknowledged, fault }),
      flood(run, { total, to: client(edge.url) }),
    ]);
    await arrived(to, "/gateway", total);
    await drained(edge);
    const verdict = checkTotalQueue(to.historyOf(run, "/gateway"));
    run.summarize(verdict);
    expect(verdict).toMatchObject({ ok: total, lost: [], unexpected: [] });
    expect(verdict).toMatchObject({ acceptedTwice: [], falseRepeats: [] });
    expect(verdict.duplicated.length).toBeLessThanOrEqual(kills * relayConcurrency);
    const answers = outages.flatMap(({ answers }) => answers);
    expect(answers.length).toBeGreaterThan(0);
    for (const { status, json, retryAfter } of answers) {
      expect([status, json["code"]]).toEqual([503, "queue_unavailable"]);
      expect(Number(retryAfter)).toBeGreaterThan(0);
    }
  });
});

interface Outage {
  /** What was asked and answered while there was certainly no Redis. */
  readonly answers: readonly Extract<Answer, { kind: "answered" }>[];
}

async function breakDown(redis: RedisServer, { url }: GatewayProcess): Promise<Outage> {
  const probe = createClient(url, { connections: 4 });
  await redis.kill();
  const tries = Array.from({ length: 4 }, (_, index) =>
    sendSigned(probe, {
      id: `probe-${index}-${Math.random().toString(36).slice(2)}`,
      body: Buffer.from("{}"),
      secret,
    }),
  );
  const answers = await Promise.all(tries);
  await wait(200);
  await redis.restart();
  await probe.close();
  return { answers: answers.filter((answer) => answer.kind === "answered") };
}

const noMount = whyNoMount();
if (noMount !== undefined) console.warn(`SKIPPED: the sender without space: ${noMount}`);

describe.skipIf(noMount !== undefined)(`the sender without space (${noMount ?? "on a tmpfs"})`, () => {
  it("answers 503 and stays alive while its disk is full, and delivers every acknowledged event after", async () => {
    const run = beginRun("disk full");
    const to = await consumer();
    const small = await startSmallSender(folder.path, 6);
    endings.push(async () => {
      small.child.signal("SIGKILL");
      await small.child.exited;
    });
    await subscribe(small.url, [{ url: `${to.sink.url}/direct`, secret }]);
    const post = await loadExample(small.url);
    const publisher = client(small.url, 4);
    const publish = async (id: string) => {
      run.record({ kind: "attempted", id });
      const answer = await post(publisher, id);
      if (answer.kind !== "answered") throw new Error(`no answer: ${JSON.stringify(answer)}`);
      if (answer.status === 202) run.record({ kind: "acknowledged", id, repeated: false });
      else run.record({ kind: "refused", id, reason: String(answer.json["code"]) });
      return answer;
    };
    for (let index = 0; index < 50; index += 1) await publish(`${run.prefix}-before-${index}`);
    await arrived(to, "/direct", 50);

    small.fill();
    run.record({ kind: "fault", target: "disk" });
    const during: Extract<Answer, { kind: "answered" }>[] = [];
    // What the write-ahead log has room for may still be taken.
    for (
      let index = 0;
      index < 1_000 && during.filter(({ status }) => status === 503).length < 20;
      index += 1
    ) {
      during.push(await publish(`${run.prefix}-during-${index}`));
    }
    const refused = during.filter(({ status }) => status !== 202);
    expect(refused).toHaveLength(20);
    for (const { status, json, retryAfter } of refused) {
      expect([status, json["code"]]).toEqual([503, "storage_unavailable"]);
      expect(Number(retryAfter)).toBeGreaterThan(0);
    }
    expect((await fetch(`${small.url}/healthz`)).status).toBe(200);

    small.free();
    await until(async () => (await publish(`${run.prefix}-after-${run.history.length}`)).status === 202);
    await patiently(() => checkTotalQueue(to.historyOf(run, "/direct")).lost.length === 0);
    const verdict = checkTotalQueue(to.historyOf(run, "/direct"));
    run.summarize(verdict, { "taken while full": during.length - refused.length });
    expect(verdict).toMatchObject({ lost: [], unexpected: [], duplicated: [], recovered: [] });
    small.child.signal("SIGTERM");
    expect((await small.child.exited).code).toBe(0);
  });
});
