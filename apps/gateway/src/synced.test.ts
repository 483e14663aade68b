import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import {
  createTemporaryFolder,
  findServer,
  freePort,
  type RedisServer,
  startChild,
  startRedis,
  until,
} from "@hooks/testkit";
import { describeUnless, describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, expect, it } from "vitest";
import { answerOf, sendUntilTaken } from "./test-support/send-until-taken.ts";

const main = join(import.meta.dirname, "../dist/main.js");
const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway-synced");
afterAll(() => folder.remove());

const events = 300;

interface Given {
  readonly durability?: "strict" | "relaxed";
  /** What the gateway runs under. */
  readonly under?: readonly string[];
}

/** Starts a gateway, has it accept events one after another, and ends it; gives its process. */
async function acceptEach(inboxUrl: string, { durability = "strict", under = [] }: Given): Promise<number> {
  const port = await freePort();
  const file = join(folder.path, `${port}.yaml`);
  const billing = `{ provider: standard-webhooks, secrets: ["${secret}"], rateLimit: { perSecond: 5000 } }`;
  writeFileSync(file, `durability: ${durability}\nsources:\n  billing: ${billing}\n`);
  const env = { PATH: process.env["PATH"], HOOKS_CONFIG: file, PORT: String(port), INBOX_URL: inboxUrl };
  const [command = "", ...args] = [...under, process.execPath, main];
  const gateway = await startChild(command, args, { env });
  const url = `http://127.0.0.1:${port}`;
  await until(() => fetch(`${url}/readyz`).then(({ ok }) => ok), { timeoutMs: 60_000 });
  for (let index = 0; index < events; index += 1) {
    const body = '{"type":"invoice.paid"}';
    const headers = { ...generateTestHeaders({ body, secret, id: `e${index}` }) };
    const send = async () => answerOf(await fetch(`${url}/in/billing`, { method: "POST", body, headers }));
    expect(await sendUntilTaken(send)).toBe(202);
  }
  gateway.signal("SIGTERM");
  expect((await gateway.exited).code).toBe(0);
  return gateway.pid;
}

interface Traced {
  readonly acknowledgements: number;
  /** The calls that matter, in order: `s` a sync that has ended, `a` a write with acknowledgements. */
  readonly calls: string;
}

/** Reads what strace has written. */
function readCalls(file: string, acknowledgement: RegExp): Traced {
  let [acknowledgements, calls] = [0, ""];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const count = line.match(acknowledgement)?.length ?? 0;
    acknowledgements += count;
    if (/(?:fsync|fdatasync)(?:\(\d+\)| resumed>).*= 0$/.test(line)) calls += "s";
    else if (count > 0) calls += "a";
  }
  return { acknowledgements, calls };
}

/** Writes with acknowledgements without a sync since the one before. */
const unsynced = ({ calls }: Traced) => calls.match(/aa/g) ?? [];

/** Of a connection that was given up, an answer may be left unwritten; of very few at most. */
function expectNearlyAll({ acknowledgements }: Traced): void {
  expect(acknowledgements).toBeGreaterThan(0.9 * events);
  expect(acknowledgements).toBeLessThanOrEqual(events);
}

function obstacle(): string | undefined {
  const found = findServer("strace");
  if (found.kind === "missing") return found.reason;
  try {
    execFileSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `system calls cannot be traced: ${error instanceof Error ? error.message : String(error)}`;
  }
}

// Whole writes: one that was late has several answers in it.
const traced = ["-f", "-q", "-s", "65536", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg"];

/** Has a gateway accept events into a Redis, which is ended then; gives what Redis acknowledged without a sync. */
async function trace(redis: RedisServer, durability: "strict" | "relaxed") {
  const file = join(redis.folder, "calls");
  const status = () => readFileSync(`/proc/${redis.pid}/status`, "utf8");
  const tracer = await startChild("strace", [...traced, "-o", file, "-p", String(redis.pid)]);
  await until(() => /TracerPid:\s+[1-9]/.test(status()));
  await acceptEach(redis.url, { durability });
  tracer.signal("SIGINT");
  await tracer.exited;
  // What the script answers of one event that was new.
  const calls = readCalls(file, /\*1\\r\\n:1\\r\\n/g);
  await redis.stop();
  expectNearlyAll(calls);
  return unsynced(calls);
}

describeUnless(obstacle(), {
  title: "an acknowledgement, by its system calls",
  body: () => {
    it("goes out after the SQLite file was synced", async () => {
      const file = join(folder.path, "sqlite.calls");
      // Traced from beside, so that signals get to the gateway.
      const under = ["strace", "-D", ...traced, "-o", file];
      const pid = await acceptEach(`sqlite:${join(folder.path, "inbox.db")}`, { under });
      const ended = new RegExp(`^${pid} +\\+\\+\\+ exited with 0`, "m");
      await until(() => ended.test(readFileSync(file, "utf8")));
      const calls = readCalls(file, /"HTTP\/1\.1 202 /g);
      expectNearlyAll(calls);
      expect(unsynced(calls)).toEqual([]);
    });

    describeWithServer("redis", "of a gateway on Redis", () => {
      it("goes out after Redis' log was synced", async () => {
        expect(await trace(await startRedis(), "strict")).toEqual([]);
      });

      it("goes out before that where durability is relaxed", async () => {
        const redis = await startRedis({ appendfsync: "everysec" });
        expect(await trace(redis, "relaxed")).not.toEqual([]);
      });
    });
  },
});
