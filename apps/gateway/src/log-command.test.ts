import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { createSqliteInbox } from "@hooks/receiver/sqlite";
import { generateSecret } from "@hooks/signing";
import { createTemporaryFolder, startChild } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { isCommand, runCommand } from "./log-command.ts";

const nowMs = Date.UTC(2026, 0, 2);
const hour = 3_600_000;

describe("runCommand", () => {
  let inbox: ReturnType<typeof createSqliteInbox>;
  beforeEach(async () => {
    inbox = createSqliteInbox({ path: ":memory:", keptEvents: 100, clock: () => nowMs });
    for (let index = 0; index < 4; index++) {
      await inbox.accept({
        source: "billing",
        eventId: `e${index}`,
        eventType: index < 2 ? "invoice.paid" : "customer.created",
        destinations: ["orders"],
        headers: { "webhook-signature": "v1,secret" },
        body: Buffer.from(index === 0 ? [0xff] : "{}"),
        receivedAtMs: nowMs - (4 - index) * hour,
      });
    }
    const [first, second, ...rest] = await claim();
    await inbox.settle([
      { kind: "dead", claim: first!, reason: "http_status 500" },
      { kind: "dead", claim: second!, reason: "timeout" },
      ...rest.map((entry) => ({ kind: "done", claim: entry }) as const),
    ]);
  });
  afterEach(() => inbox.close());

  const claim = (destination = "orders") =>
    inbox.claim({ source: "billing", destination, routes: [destination], limit: 10, leaseMs: 1 });
  const keysOfDone = async (eventId: string) => {
    const listed = await inbox.events({ source: "billing", state: "done", limit: 10 });
    return listed.filter((one) => one.eventId === eventId).map(({ key }) => key);
  };
  const run = async (line: string, given = config) => {
    const [printed, complaints]: [string[], string[]] = [[], []];
    const [command, ...args] = line.split(" ");
    if (!isCommand(command)) throw new Error(`${command} is no command`);
    const code = await runCommand(command, args, {
      config: given,
      inbox,
      nowMs,
      print: (text) => printed.push(text),
      complain: (text) => complaints.push(text),
    });
    return { code, printed, complaints };
  };

  it("shows dead letters with what stood in their way, and pages", async () => {
    const { code, printed, complaints } = await run("events --source billing --limit 1");
    expect([code, printed]).toEqual([
      0,
      ["2026-01-01T20:00:00.000Z  e0  invoice.paid  dead  orders (attempt 1): http_status 500"],
    ]);
    const after = /^There are more: --after (.+)$/.exec(complaints[0] ?? "")?.[1];
    expect((await run(`events --source billing --after ${after}`)).printed[0]).toContain("timeout");
    expect((await run("events --source billing --since 1h")).code).toBe(1);
    expect((await run("events --source billing --state done --type customer.*")).printed).toHaveLength(2);
  });

  it("says of what is done which destinations did not get it", async () => {
    const { printed } = await run("events --source billing --state done");
    expect(printed.map((line) => line.split("  ").slice(1))).toEqual([
      ["e0", "invoice.paid", "done", "dead for orders"],
      ["e1", "invoice.paid", "done", "dead for orders"],
      ["e2", "customer.created", "done"],
      ["e3", "customer.created", "done"],
    ]);
    const json = await run("events --source billing --state done --id e0 --json");
    expect(JSON.parse(json.printed[0] ?? "")).toMatchObject({ state: "done", deadFor: ["orders"] });
  });

  it("says that nothing that is done is kept where nothing is asked to be", async () => {
    const why = "What is done is kept only where the file says keptEvents, and here it does not";
    const none = "events --source billing --state done --type other";
    expect((await run(none)).complaints).toEqual(["There are none", why]);
    expect((await run("replay --source billing --state done --type other")).complaints).toEqual([why]);
    expect((await run("events --source billing --type other")).complaints).toEqual(["There are none"]);
    expect((await run(none, { ...config, keptEvents: 100 })).complaints).toEqual(["There are none"]);
  });

  it("prints bodies as JSON, whatever they are, and no signatures", async () => {
    const { printed } = await run("events --source billing --json");
    const shown = printed.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(shown).toMatchObject([
      { eventId: "e0", body: "/w==", encoding: "base64", destination: "orders" },
      { eventId: "e1", body: "{}", encoding: "utf8" },
    ]);
    expect(printed.join("")).not.toContain("secret");
  });

  it("sends again what fits, after a dry run, and everything only on demand", async () => {
    expect((await run("replay --source billing")).code).toBe(2);
    expect((await run("replay --source billing --id e1 --dry-run")).printed).toEqual([
      "1 would be sent again",
    ]);
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 2 });
    expect((await run("replay --source billing --id e1")).printed).toEqual(["1 are sent again"]);
    expect(await claim()).toMatchObject([{ eventId: "e1" }]);
    const done = await run("replay --source billing --state done --since 90m --to audit");
    expect([done.code, done.printed]).toEqual([0, ["1 are sent again"]]);
    expect(await claim("audit")).toMatchObject([{ eventId: "e3" }]);
    expect((await run("replay --source billing --all")).printed).toEqual(["1 are sent again"]);
    expect((await run("replay --source billing --all")).code).toBe(1);
  });

  it("keeps the dead letters of a destination that the source no longer has, and says so", async () => {
    await inbox.replay({ source: "billing", keys: await keysOfDone("e3"), destinations: ["gone"] });
    const [claimed] = await claim("gone");
    await inbox.settle([{ kind: "dead", claim: claimed!, reason: "destination_removed" }]);
    const stays = ["1 stay: billing no longer has gone; configure it again, or discard them"];
    for (const [option, printed] of Object.entries({ "--dry-run": "would be", "--all": "are" })) {
      const given = { code: 0, printed: [`2 ${printed} sent again`], complaints: stays };
      expect(await run(`replay --source billing --all ${option}`)).toEqual(given);
    }
    expect(await inbox.depth("billing")).toEqual({ waiting: 2, dead: 1 });
    expect(await run("replay --source billing --destination gone")).toEqual({
      code: 2,
      printed: [],
      complaints: ["--destination: expected destinations of billing (orders, audit), got gone"],
    });
    expect((await run("discard --source billing --destination gone")).printed).toEqual(["1 are discarded"]);
    expect((await run("replay --source billing --id e0")).complaints).toEqual([]);
  });

  it("discards dead letters that fit, after a dry run, and all of them only on demand", async () => {
    expect(await run("discard --source billing")).toMatchObject({
      code: 2,
      complaints: ["This discards everything of billing that is dead: say so with --all"],
    });
    expect((await run("discard --source billing --id e1 --dry-run")).printed).toEqual([
      "1 would be discarded",
    ]);
    expect((await inbox.depth("billing")).dead).toBe(2);
    expect(await run("discard --source billing --id e1")).toMatchObject({
      code: 0,
      printed: ["1 are discarded"],
    });
    expect((await run("events --source billing")).printed).toEqual([expect.stringContaining("  e0  ")]);
    expect((await run("discard --source billing --until 1h --all")).printed).toEqual(["1 are discarded"]);
    expect((await run("discard --source billing --all")).code).toBe(1);
    expect((await run("events --source billing --state done")).printed).toHaveLength(4);
  });

  it("says what is wrong with its arguments", async () => {
    const wrong = {
      events: "--source: expected one of billing, got nothing",
      "events --source other": "--source: expected one of billing, got other",
      "events --source billing --state lost": "--state: expected waiting, done or dead, got lost",
      "events --source billing --since yesterday": "--since: expected a time or 90m, 2h or 3d, got yesterday",
      "events --source billing --limit x": "--limit: expected a number, got x",
      "events --source billing --after e0": "--after: expected what the page before said, got e0",
      "discard --source billing --state done --all": "--state: only dead letters are discarded",
      "discard --source billing --all --to orders": "--to: what is discarded goes nowhere",
      "replay --source billing --state waiting --all": "--state: what waits is on its way as it is",
      "replay --source billing --all --to audit":
        "--to: a dead letter goes to the destination that did not get it",
      "replay --source billing --state done --all --to x":
        "--to: expected destinations of billing (orders, audit), got x",
      "replay --source billing --state done --all --to crm":
        "--to: expected destinations of billing (orders, audit), got crm",
    };
    for (const [line, complaint] of Object.entries(wrong)) {
      expect(await run(line), line).toEqual({ code: 2, printed: [], complaints: [complaint] });
    }
    expect(await run("events --sauce x")).toMatchObject({
      code: 2,
      complaints: [expect.stringContaining("'--sauce'"), "--help says what it takes"],
    });
  });
});

describe("the gateway's program", () => {
  let folder: ReturnType<typeof createTemporaryFolder>;
  let yaml: string;
  let path: string;
  beforeEach(() => {
    folder = createTemporaryFolder("hooks-commands");
    [path, yaml] = [join(folder.path, "inbox.db"), join(folder.path, "gateway.yaml")];
    writeFileSync(yaml, JSON.stringify(file));
  });
  afterEach(() => folder.remove());
  const runOn = async (inboxUrl: string, ...args: string[]) => {
    const env = { HOOKS_CONFIG: yaml, INBOX_URL: inboxUrl };
    const child = await startChild(execPath, [main, ...args], { env });
    return { code: (await child.exited).code, output: child.output() };
  };
  /** Of which only the first page is left. */
  const damaged = () => {
    void createSqliteInbox({ path }).close();
    writeFileSync(path, readFileSync(path).fill(0, 4_096));
    return path;
  };
  const run = (...args: string[]) => runOn(`sqlite:${path}`, ...args);

  it("runs the commands on the configured inbox, and ends with what they say", async () => {
    const inbox = createSqliteInbox({ path });
    const receivedAtMs = Date.now();
    const event = {
      source: "billing",
      eventType: undefined,
      headers: {},
      body: Buffer.from("{}"),
      receivedAtMs,
    };
    await inbox.accept({ ...event, eventId: "waits" });
    expect(await run("events", "--source", "billing", "--state", "waiting")).toEqual({
      code: 0,
      output: `${new Date(receivedAtMs).toISOString()}  waits  -  waiting\n`,
    });
    expect(await run("replay", "--source", "billing", "--all")).toEqual({
      code: 1,
      output: "0 are sent again\n",
    });
    await inbox.close();
  });

  it("says what its arguments may be", async () => {
    expect((await run("replay")).code).toBe(2);
    expect(await run("events", "--help")).toEqual({
      code: 0,
      output: expect.stringContaining("--dry-run"),
    });
    // As it is run where HOOKS_CONFIG was forgotten.
    writeFileSync(yaml, "{}");
    expect(await run("events", "--source", "billing")).toEqual({
      code: 2,
      output: expect.stringContaining("HOOKS_CONFIG has to name the file"),
    });
    expect(await run("event")).toEqual({ code: 2, output: expect.stringContaining("--help") });
  });

  it.each([
    [
      "that is no inbox",
      () => `sqlite:${yaml}`,
      "opened (INBOX_URL): queue_unavailable: file is not a database",
    ],
    ["that is damaged", () => `sqlite:${damaged()}`, "read (INBOX_URL): The inbox file could not be read: "],
    ["that is away", () => "redis://127.0.0.1:1", "read (INBOX_URL): "],
  ])("names the setting of an inbox %s", async (_, inboxUrl, problem) => {
    expect(await runOn(inboxUrl(), "events", "--source", "billing")).toEqual({
      code: 1,
      output: expect.stringContaining(`gateway: The inbox cannot be ${problem}`),
    });
  });
});

const main = join(import.meta.dirname, "../dist/main.js");

const file = {
  sources: {
    billing: {
      provider: "standard-webhooks",
      secrets: [generateSecret()],
      destinations: ["orders", "audit"],
    },
  },
  destinations: {
    orders: { type: "http", url: "https://orders.example.com" },
    audit: { type: "http", url: "https://audit.example.com" },
    crm: { type: "http", url: "https://crm.example.com" },
  },
};

const config = (() => {
  const loaded = loadConfig({ env: { HOOKS_CONFIG: "x" }, readFile: () => JSON.stringify(file) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
})();
